import { expiryReminders } from '../../src/contexts/certificates/notices.lookups.js';
import { expireCertificate } from '../../src/contexts/certificates/messages.js';
import type { Clock } from '../../src/kernel/clock.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import type { ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Life, Reminder } from './messages.js';

export type CertificateExpiryTools = Readonly<{ decisions: Decisions; commands: ProcessCommands; clock: Clock }>;

export const certificateExpiryActivities = ({ decisions, commands, clock }: CertificateExpiryTools) => ({
  async remindOfExpiry({ certificateId, tenant, daysLeft }: Reminder): Promise<void> {
    for (const mail of await expiryReminders(decisions, certificateId, daysLeft, clock.now())) {
      const step = `mail ${mail.data.notificationId}`;
      await commands.send(mail, { step, tenant, service: 'e-contract' });
    }
  },

  async expireCertificate({ certificateId, tenant, notAfter }: Life): Promise<void> {
    const command = expireCertificate({ certificateId, notAfter });
    const { refusal } = await commands.send(command, { step: 'expire', tenant, service: 'e-contract' });
    // An ended one is no refusal; this is a timer that woke before our own clock, and it asks again.
    if (refusal) throw new Error(`${certificateId} is not due yet`);
  },
});

export type CertificateExpiryActivities = ReturnType<typeof certificateExpiryActivities>;
