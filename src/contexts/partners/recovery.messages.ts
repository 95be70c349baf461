import { message, type MessageOf } from '../../kernel/message.js';
import { instant, listOf, personal, record, text } from '../../kernel/schema.js';

/**
 * What was typed, whether anybody bears it or not: known and unknown names take the same way and the
 * same time, and only what follows later differs.
 */
const request = { recoveryId: text() };
/** The users of an address, each with the address as it was registered; none where nobody has it. */
const bearers = () => personal(listOf(record({ userId: text(), mail: text() })));
const asked = { ...request, requestedAt: instant() };

export const userIdReminderRequested = message('partners.UserIdReminderRequested', {
  ...asked,
  mail: personal(text()),
  bearers: bearers(),
});
export const passwordResetRequested = message('partners.PasswordResetRequested', {
  ...asked,
  userId: personal(text()),
});

export const recoveryEvents = [userIdReminderRequested, passwordResetRequested] as const;
export type RecoveryEvent = MessageOf<(typeof recoveryEvents)[number]>;

export const requestUserIdReminder = message('partners.RequestUserIdReminder', {
  ...request,
  mail: personal(text()),
  bearers: bearers(),
});
export const requestPasswordReset = message('partners.RequestPasswordReset', { ...request, userId: personal(text()) });

export const recoveryCommands = [requestUserIdReminder, requestPasswordReset] as const;
export type RecoveryCommand = MessageOf<(typeof recoveryCommands)[number]>;
