import type { Message, MessageOf } from '../../kernel/message.js';
import type { Pki } from '../../platform/pki/pki.js';
import { certificateRevoked, issuanceWithdrawn } from './messages.js';

export const SERVICE = 'e-contract';

type Revoked = MessageOf<typeof certificateRevoked>['data'];
type Withdrawn = MessageOf<typeof issuanceWithdrawn>['data'];
type Entry = Pick<Revoked, 'authorityId' | 'serial' | 'effectiveAt' | 'reason' | 'notBefore'>;

export const enteredAs = async (
  { register, lists }: Pki,
  { authorityId, serial, effectiveAt, reason, notBefore }: Entry,
): Promise<void> => {
  await register.revoke(authorityId, serial, new Date(effectiveAt), reason);
  await lists.revoked(authorityId, new Date(notBefore));
};

/** What the stream decided, in the authorities' own register and on their list. It bears repetition. */
export const entered = async (pki: Pki, { type, data }: Message): Promise<void> => {
  if (type === certificateRevoked.type) return enteredAs(pki, data as Revoked);
  if (type !== issuanceWithdrawn.type) return;
  const { authorityId, made, effectiveAt } = data as Withdrawn;
  if (made) await enteredAs(pki, { authorityId, ...made, effectiveAt, reason: 'cessationOfOperation' });
};
