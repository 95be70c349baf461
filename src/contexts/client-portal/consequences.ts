import type { Passwords } from '../../platform/access/passwords.js';
import type { Sessions } from '../../platform/access/sessions.js';
import { type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import {
  initialPasswordReissued,
  managementAccountPasswordChanged,
  portalUserDeleted,
  portalUserPasswordChanged,
} from './messages.js';

/** Who was deleted is out, and a password that lost its force is forgotten. */
export const portalReactions = (sessions: Sessions, passwords: Passwords): readonly Reaction[] => [
  reaction(
    'client-portal-consequences',
    [initialPasswordReissued, managementAccountPasswordChanged, portalUserDeleted, portalUserPasswordChanged],
    async ({ type, data, metadata }) => {
      const { accountId, credentialId } = data;
      if (type === 'client-portal.PortalUserDeleted') {
        await sessions.endOf(accountId);
        return passwords.forget(credentialId);
      }
      await sessions.endProvenBy(data.replacedCredentialId, credentialId);
      await passwords.forget(data.replacedCredentialId);
      // Done by somebody else: nobody is logged in any more.
      if (type === 'client-portal.InitialPasswordReissued')
        await sessions.endOf(accountId, { after: new Date(metadata.occurredAt), credentialId });
    },
  ),
];
