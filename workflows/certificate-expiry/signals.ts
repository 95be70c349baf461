import { certificateIssued, certificateRevoked } from '../../src/contexts/certificates/messages.js';
import { type ProcessSignals, signalsOn, startsOn } from '../../src/platform/temporal/signals.js';
import type { Life } from './messages.js';

const workflowIdOf = (certificateId: string): string => `certificate-expiry-${certificateId}`;

export const certificateExpirySignals: ProcessSignals = {
  process: 'certificate-expiry',
  wakes: [
    startsOn(certificateIssued, ({ data: { certificateId, tenant, notAfter } }) => {
      const life: Life = { certificateId, tenant, notAfter };
      return { workflow: 'certificateExpiry', workflowId: workflowIdOf(certificateId), args: [life] };
    }),
    signalsOn(certificateRevoked, ({ data: { certificateId } }) => ({
      workflowId: workflowIdOf(certificateId),
      signal: 'certificateRevoked',
      args: [],
    })),
  ],
};
