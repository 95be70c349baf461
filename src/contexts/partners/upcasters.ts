import { upcaster } from '../../kernel/message.js';
import { partsOf, passwordResetRequested, userIdReminderRequested } from './messages.js';

export const partnerUpcasters = [
  // What was typed is nobody's business who reads on; those who are meant stand beside it.
  upcaster(userIdReminderRequested, 1, ({ mail: _, ...rest }) => rest),
  upcaster(passwordResetRequested, 1, ({ userId, ...rest }) => ({
    ...rest,
    userId: typeof userId === 'string' && partsOf(userId) ? userId : null,
  })),
];
