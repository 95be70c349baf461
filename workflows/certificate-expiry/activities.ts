import { expireCertificate } from '../../src/contexts/certificates/messages.js';
import type { ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Life } from './messages.js';

export const certificateExpiryActivities = ({ commands }: Readonly<{ commands: ProcessCommands }>) => ({
  async expireCertificate({ certificateId, tenant, notAfter }: Life): Promise<void> {
    const command = expireCertificate({ certificateId, notAfter });
    const { refusal } = await commands.send(command, { step: 'expire', tenant, service: 'e-contract' });
    // An ended one is no refusal; this is a timer that woke before our own clock, and it asks again.
    if (refusal) throw new Error(`${certificateId} is not due yet`);
  },
});

export type CertificateExpiryActivities = ReturnType<typeof certificateExpiryActivities>;
