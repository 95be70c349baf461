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
    async ({ type, data }) => {
      const gone = type === 'client-portal.PortalUserDeleted';
      const lost = gone ? data.credentialId : data.replacedCredentialId;
      await sessions.endProvenBy(lost, gone ? undefined : data.credentialId);
      await passwords.forget(lost);
    },
  ),
];
