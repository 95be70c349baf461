import type { Passwords } from '../../platform/access/passwords.js';
import type { Sessions } from '../../platform/access/sessions.js';
import { type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import { initialPasswordChanged, partnerUserDeleted, partnerUserPasswordChanged, passwordReset } from './messages.js';

/** Who was deleted is out, and a password that lost its force is forgotten. */
export const partnersReactions = (sessions: Sessions, passwords: Passwords): readonly Reaction[] => [
  reaction(
    'partners-consequences',
    [partnerUserDeleted, initialPasswordChanged, partnerUserPasswordChanged, passwordReset],
    async ({ type, data }) => {
      const lost = type === 'partners.PartnerUserDeleted' ? data.credentialId : data.replacedCredentialId;
      await sessions.endProvenBy(lost);
      await passwords.forget(lost);
    },
  ),
];
