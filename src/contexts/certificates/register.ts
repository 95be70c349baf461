import type { Message, MessageOf } from '../../kernel/message.js';
import type { Pki } from '../../platform/pki/pki.js';
import { certificateRevoked } from './messages.js';

export const SERVICE = 'e-contract';

type Revoked = MessageOf<typeof certificateRevoked>;

/** What the stream decided, in the authorities' own register and on their list. It bears repetition. */
export const entered = async ({ register, lists }: Pki, event: Message): Promise<void> => {
  if (event.type !== certificateRevoked.type) return;
  const { authorityId, serial, effectiveAt, reason, notBefore } = (event as Revoked).data;
  await register.revoke(authorityId, serial, new Date(effectiveAt), reason);
  await lists.revoked(authorityId, new Date(notBefore));
};
