import { message, type MessageOf } from '../../kernel/message.js';
import { instant, listOf, orNull, personal, record, text } from '../../kernel/schema.js';

/**
 * That somebody asked, whether anybody is meant or not: known and unknown names take the same way and the same time, and
 * only what follows later differs. What was typed is not kept: it may be the address of somebody who never had to do with
 * the service, or a password in the wrong place.
 */
const request = { recoveryId: text() };
/** The users of an address, each with the address as it was registered; none where nobody has it. */
const bearers = () => personal(listOf(record({ userId: text(), mail: text() })));
const asked = { ...request, requestedAt: instant() };

/** What was typed, if it can be an ID at all. */
const meant = { userId: personal(orNull(text())) };

export const userIdReminderRequested = message('partners.UserIdReminderRequested', { ...asked, bearers: bearers() }, 2);
export const passwordResetRequested = message('partners.PasswordResetRequested', { ...asked, ...meant }, 2);

export const recoveryEvents = [userIdReminderRequested, passwordResetRequested] as const;
export type RecoveryEvent = MessageOf<(typeof recoveryEvents)[number]>;

export const requestUserIdReminder = message('partners.RequestUserIdReminder', {
  ...request,
  bearers: bearers(),
});
export const requestPasswordReset = message('partners.RequestPasswordReset', { ...request, ...meant });

export const recoveryCommands = [requestUserIdReminder, requestPasswordReset] as const;
export type RecoveryCommand = MessageOf<(typeof recoveryCommands)[number]>;
