import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import {
  type NotificationCommand,
  type NotificationEvent,
  notificationEvents,
  notificationFailed,
  type notificationQueued,
  notificationQueued as queued,
  notificationRequeued,
  notificationSent,
  notificationUnconfirmed,
  type recordNotificationFailed,
  type recordNotificationSent,
  type recordNotificationUnconfirmed,
} from './messages.js';

/** For how long a mail is tried. */
export const DELIVERY_MAX_MS = 24 * 60 * 60_000;
/** The last try begins at the deadline and ends within minutes. Who has not reported by then never will. */
export const REPORT_MAX_MS = 15 * 60_000;

/** `unconfirmed`: it may have arrived, or not, and is not tried any more. */
export const STATES = ['queued', 'sent', 'failed', 'unconfirmed'] as const;
export type Notification = MessageOf<typeof notificationQueued>['data'] & Readonly<{ state: (typeof STATES)[number] }>;

const deadlineOf = (now: Date): string => new Date(now.getTime() + DELIVERY_MAX_MS).toISOString();

const DAY_MS = 86_400_000;

/** What it said is forgotten by now, and what it told of was long ago. */
export const isForgotten = ({ deadline }: Pick<Notification, 'deadline'>, keptDays: number, now: Date): boolean =>
  now.getTime() >= Date.parse(deadline) + keptDays * DAY_MS;

/** A process that was ended from outside leaves a mail "queued" behind; it must not stay so for ever. */
export const mayBeResent = ({ state, deadline }: Pick<Notification, 'state' | 'deadline'>, now: Date): boolean =>
  state !== 'queued' || now.getTime() >= Date.parse(deadline) + REPORT_MAX_MS;

const named = ({ notificationId, processId, kind, service }: Notification) => ({
  notificationId,
  processId,
  kind,
  service,
});

const resend = (
  notification: Notification | null,
  keptDays: number,
  { now, actor }: Moment,
): Outcome<NotificationEvent> => {
  if (actor.kind !== 'backOffice') return refuse(refusal('NOT_PERMITTED', { permission: 'back office' }));
  if (!notification) return refuse(refusal('NOT_FOUND'));
  if (!mayBeResent(notification, now)) return refuse(refusal('NOTIFICATION_UNDER_WAY'));
  if (isForgotten(notification, keptDays, now)) return refuse(refusal('NOTIFICATION_TOO_OLD'));
  const round = notification.round + 1;
  return accept(notificationRequeued({ ...named(notification), round, deadline: deadlineOf(now) }));
};

type Ending = MessageOf<
  typeof recordNotificationSent | typeof recordNotificationFailed | typeof recordNotificationUnconfirmed
>;

/** What came of a round counts once; news of an earlier round change nothing. */
const ended = (command: Ending, notification: Notification | null): Outcome<NotificationEvent> => {
  if (!notification) return refuse(refusal('NOT_FOUND'));
  if (notification.state !== 'queued' || notification.round !== command.data.round) return accept();
  const about = named(notification);
  switch (command.type) {
    case 'notifications.RecordNotificationSent':
      return accept(notificationSent({ ...about, ...command.data }));
    case 'notifications.RecordNotificationFailed':
      return accept(notificationFailed({ ...about, ...command.data }));
    case 'notifications.RecordNotificationUnconfirmed':
      return accept(notificationUnconfirmed({ ...about, ...command.data }));
    default:
      return unreachable(command);
  }
};

export const notificationDecider: Decider<Notification | null, NotificationCommand, NotificationEvent> = {
  stream: ({ data }) => `notification-${data.notificationId}`,
  initial: null,
  events: notificationEvents,
  decide(command, notification, moment) {
    switch (command.type) {
      case 'notifications.RequestNotification':
        // Asked for again it is the same mail; who wants another sends it anew.
        return notification
          ? accept()
          : accept(queued({ ...command.data, round: 1, deadline: deadlineOf(moment.now) }));
      case 'notifications.ResendNotification':
        return resend(notification, command.data.keptDays, moment);
      case 'notifications.RecordNotificationSent':
      case 'notifications.RecordNotificationFailed':
      case 'notifications.RecordNotificationUnconfirmed':
        return ended(command, notification);
      default:
        return unreachable(command);
    }
  },
  evolve(notification, { type, data }) {
    switch (type) {
      case 'notifications.NotificationQueued':
        return { ...data, state: 'queued' };
      case 'notifications.NotificationRequeued':
        return notification && { ...notification, round: data.round, deadline: data.deadline, state: 'queued' };
      case 'notifications.NotificationSent':
        return notification && { ...notification, state: 'sent' };
      case 'notifications.NotificationFailed':
        return notification && { ...notification, state: 'failed' };
      case 'notifications.NotificationUnconfirmed':
        return notification && { ...notification, state: 'unconfirmed' };
      default:
        return unreachable(type);
    }
  },
};
