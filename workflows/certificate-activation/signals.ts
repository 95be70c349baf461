import { certificateActivationScheduled } from '../../src/contexts/certificates/messages.js';
import { type ProcessSignals, startsOn } from '../../src/platform/temporal/signals.js';
import type { Activation } from './messages.js';

export const certificateActivationSignals: ProcessSignals = {
  process: 'certificate-activation',
  wakes: [
    startsOn(certificateActivationScheduled, ({ data: { certificateId, activeFrom }, metadata: { tenant } }) => {
      const activation: Activation = { certificateId, tenant, activeFrom };
      const workflowId = `certificate-activation-${certificateId}`;
      return { workflow: 'certificateActivation', workflowId, args: [activation] };
    }),
  ],
};
