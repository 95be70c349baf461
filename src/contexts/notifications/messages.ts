import { derivedId } from '../../kernel/ids.js';
import { message, type MessageOf } from '../../kernel/message.js';
import { count, instant, oneOf, personal, text, textsByName } from '../../kernel/schema.js';

/** One mail to one receiver about one process. Every event says whose it is, so that others can react. */
const named = { notificationId: text(), processId: text(), kind: text(), service: text() };
const asked = {
  ...named,
  tenant: text(),
  recipient: personal(text()),
  /** What the mail tells. Ids of secrets may stand here, secrets never: the template looks them up when it is sent. */
  facts: personal(textsByName()),
};
/** How often the mail was asked for: 1, and one more with every resend. */
const round = { round: count() };
/** Refused by the other side for good; or its time was over: its day, or that of what it told. */
const cause = { cause: oneOf(['refused', 'expired']) };

/** When the last try began of which nobody knows, and by what the mail server's own log knows the mail. */
const doubt = { triedAt: instant(), messageId: text() };

/** The same receiver of the same kind in the same process is the same notification, however often it is asked for. */
export const notificationIdOf = (processId: string, kind: string, recipientKey: string): string =>
  derivedId('notification', processId, kind, recipientKey);

export const notificationQueued = message('notifications.NotificationQueued', {
  ...asked,
  ...round,
  deadline: instant(),
});
export const notificationRequeued = message('notifications.NotificationRequeued', {
  ...named,
  ...round,
  deadline: instant(),
});
export const notificationSent = message('notifications.NotificationSent', {
  ...named,
  ...round,
  /** When the mail server took it. */
  sentAt: instant(),
  messageId: text(),
});
export const notificationFailed = message('notifications.NotificationFailed', {
  ...named,
  ...round,
  ...cause,
  /** What the other side said, or why nobody needs it; without addresses. */
  reason: text(),
});

/** Given up after a try of which nobody knows whether it arrived: the mail server may have taken it. */
export const notificationUnconfirmed = message('notifications.NotificationUnconfirmed', {
  ...named,
  ...round,
  ...doubt,
  ...cause,
  reason: text(),
});

export const notificationEvents = [
  notificationQueued,
  notificationRequeued,
  notificationSent,
  notificationFailed,
  notificationUnconfirmed,
] as const;
export type NotificationEvent = MessageOf<(typeof notificationEvents)[number]>;

export const requestNotification = message('notifications.RequestNotification', asked);
export const resendNotification = message('notifications.ResendNotification', {
  notificationId: text(),
  /** The operator's: for how long mails are kept. */
  keptDays: count(),
});

const outcome = { notificationId: text(), ...round };
export const recordNotificationSent = message('notifications.RecordNotificationSent', {
  ...outcome,
  sentAt: instant(),
  messageId: text(),
});
export const recordNotificationFailed = message('notifications.RecordNotificationFailed', {
  ...outcome,
  ...cause,
  reason: text(),
});

export const recordNotificationUnconfirmed = message('notifications.RecordNotificationUnconfirmed', {
  ...outcome,
  ...doubt,
  ...cause,
  reason: text(),
});

export const notificationCommands = [
  requestNotification,
  resendNotification,
  recordNotificationSent,
  recordNotificationFailed,
  recordNotificationUnconfirmed,
] as const;
export type NotificationCommand = MessageOf<(typeof notificationCommands)[number]>;
