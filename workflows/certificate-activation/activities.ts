import { candidateOf, certificateById } from '../../src/contexts/certificates/lookups.js';
import { activateCertificate, registerToSigner } from '../../src/contexts/certificates/messages.js';
import type { Clock } from '../../src/kernel/clock.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import { permanently, type ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Activation } from './messages.js';

const SERVICE = 'e-contract';

export type CertificateActivationTools = Readonly<{ decisions: Decisions; commands: ProcessCommands; clock: Clock }>;

export const certificateActivationActivities = ({ decisions, commands, clock }: CertificateActivationTools) => {
  const known = async (certificateId: string) => {
    const certificate = await certificateById(decisions, certificateId, clock.now());
    if (!certificate) throw permanently(`there is no certificate ${certificateId}`);
    return certificate;
  };
  return {
    async activateCertificate({ certificateId, tenant, activeFrom }: Activation): Promise<'active' | 'over'> {
      const command = activateCertificate({ certificateId, activeFrom });
      const { refusal } = await commands.send(command, { step: 'activate', tenant, service: SERVICE });
      if (!refusal) return 'active';
      const { status } = await known(certificateId);
      // Two machines' clocks differ: a timer that woke a moment too early asks again.
      if (status === 'issued') throw new Error(`${certificateId} is not due yet`);
      return 'over';
    },

    /** Nobody uploads anything: the section belongs to the account, and shows the newest certificate. */
    async registerToSigner({ certificateId, tenant }: Activation): Promise<void> {
      const certificate = await known(certificateId);
      const { accountId, userId } = certificate;
      // The user was gone before the certificate was issued.
      if (accountId === null) return;
      const command = registerToSigner(candidateOf(certificate, { accountId, userId }));
      await commands.send(command, { step: 'register', tenant, service: SERVICE });
    },
  };
};

export type CertificateActivationActivities = ReturnType<typeof certificateActivationActivities>;
