import type { MessageOf } from '../../kernel/message.js';
import type { Passwords } from '../../platform/access/passwords.js';
import type { Sessions } from '../../platform/access/sessions.js';
import type { Recorded } from '../../platform/event-store/recorded.js';
import type { Checkpoints } from '../../platform/subscriptions/checkpoints.js';
import type { Sink } from '../../platform/subscriptions/subscription.js';
import { initialPasswordChanged, partnerUserDeleted, partnerUserPasswordChanged, passwordReset } from './messages.js';

const LEADING = [partnerUserDeleted, initialPasswordChanged, partnerUserPasswordChanged, passwordReset] as const;

/**
 * What must follow from what was recorded, even if the process died right after the append: who was
 * deleted is out, and a password that lost its force is forgotten.
 */
export const partnersConsequences = (checkpoints: Checkpoints, sessions: Sessions, passwords: Passwords): Sink =>
  checkpoints.sink(
    'partners-consequences',
    LEADING.map(({ type }) => type),
    async (event) => {
      const { type, data } = event as unknown as Recorded<MessageOf<(typeof LEADING)[number]>>;
      const lost = type === 'partners.PartnerUserDeleted' ? data.credentialId : data.replacedCredentialId;
      await sessions.endProvenBy(lost);
      await passwords.forget(lost);
    },
  );
