import { accept, type Decider, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import * as m from './messages.js';

/** What stands in a signer's section: the certificate that signs, if there is one. */
export type SignerSection = Readonly<{ certificateId: string; notAfter: string } | null>;

type Candidate = MessageOf<typeof m.registerToSigner>['data'];

const placed = (
  { accountId, userId, certificateId, fileName, notAfter }: Candidate,
  section: SignerSection,
  automatic: boolean,
): Outcome<m.SignerEvent> => {
  const registration = { accountId, userId, certificateId, fileName, notAfter, automatic };
  if (section === null) return accept(m.certificateRegisteredToSigner(registration));
  return accept(m.certificateReplaced({ ...registration, replacedCertificateId: section.certificateId }));
};

/** One certificate at most signs for an account; taking it out revokes nothing. */
export const signerDecider: Decider<
  { section: SignerSection; seen: readonly string[] },
  m.SignerCommand,
  m.SignerEvent
> = {
  stream: ({ data }) => m.signerStream(data.accountId),
  initial: { section: null, seen: [] },
  events: m.signerEvents,
  decide(command, { section, seen }, { actor }) {
    const { data } = command;
    switch (command.type) {
      case 'certificates.RegisterToSigner': {
        if (actor.kind !== 'system') return refuse(refusal('NOT_PERMITTED', { permission: 'system' }));
        // The newest takes the place even where the one before lasts longer: whoever lost that one's PIN signs again.
        // Once only: what a person has taken out since does not come back by itself.
        if (seen.includes(command.data.certificateId) || !command.data.usable) return accept();
        return placed(command.data, section, true);
      }
      case 'certificates.RenewRegistration': {
        const { certificateId, usable, notAfter, yieldingCertificateId } = command.data;
        // In its place already; but nobody is told that all is well with one that has ended.
        if (section?.certificateId === certificateId && usable) return accept();
        // Newer is what was issued later, for whoever lost a PIN buys another, or what lasts longer. What is older in both
        // ways would only take days away that are paid for; one that has ended has none left.
        const stays = section !== null && section.certificateId !== yieldingCertificateId;
        if (!usable || (stays && notAfter <= section.notAfter)) return refuse(refusal('REPLACEMENT_NOT_USABLE'));
        return placed(command.data, section, false);
      }
      case 'certificates.UnregisterCertificate': {
        if (section === null) return refuse(refusal('NO_CERTIFICATE_REGISTERED'));
        if (command.data.certificateId !== section.certificateId) return refuse(refusal('UNREGISTRATION_UNCONFIRMED'));
        const { accountId, userId } = data;
        return accept(m.certificateUnregistered({ accountId, userId, certificateId: section.certificateId }));
      }
      default:
        return unreachable(command);
    }
  },
  evolve({ seen }, { type, data }) {
    switch (type) {
      case 'certificates.CertificateRegisteredToSigner':
      case 'certificates.CertificateReplaced': {
        const { certificateId, notAfter } = data;
        return { section: { certificateId, notAfter }, seen: [...seen, certificateId] };
      }
      case 'certificates.CertificateUnregistered':
        return { section: null, seen };
      default:
        return unreachable(type);
    }
  },
};
