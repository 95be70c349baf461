import { notificationById } from '../../src/contexts/notifications/lookups.js';
import {
  recordNotificationFailed,
  recordNotificationSent,
  recordNotificationUnconfirmed,
} from '../../src/contexts/notifications/messages.js';
import type { Clock } from '../../src/kernel/clock.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import type { Letters } from '../../src/platform/mail/letters.js';
import type { SentLetters } from '../../src/platform/mail/sent-letters.js';
import type { Mail, Post, Posted } from '../../src/platform/mail/post.js';
import { permanently, type ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Delivery, NotSent, Tried } from './messages.js';

export type MailDeliveryTools = Readonly<{
  decisions: Decisions;
  commands: ProcessCommands;
  letters: Letters;
  sentLetters: SentLetters;
  post: Post;
  clock: Clock;
  /** The part of a Message-ID behind the @. */
  mailDomain: string;
}>;

export const mailDeliveryActivities = ({
  decisions,
  commands,
  letters,
  sentLetters,
  post,
  clock,
  mailDomain,
}: MailDeliveryTools) => {
  const known = async (notificationId: string) => {
    const notification = await notificationById(decisions, notificationId);
    if (!notification) throw permanently(`there is no notification ${notificationId}`);
    return notification;
  };
  const messageIdOf = ({ notificationId, round }: Pick<Delivery, 'notificationId' | 'round'>) =>
    `<${notificationId}.${round}@${mailDomain}>`;
  const causeOf = ({ outcome, isOutdated }: NotSent) =>
    outcome === 'never' && !isOutdated ? ('refused' as const) : ('expired' as const);
  return {
    /**
     * Dying between the server's "250" and the end of this activity sends the mail again: no protocol can
     * tell. Both carry the same Message-ID. What this throws it throws before the mail leaves.
     */
    async sendMail({ notificationId, round }: Delivery): Promise<Tried> {
      const notification = await known(notificationId);
      if (notification.state !== 'queued' || notification.round !== round) return { outcome: 'over' };
      const reason = await letters.outdated(notification, { decisions, now: clock.now() });
      if (reason !== null) return { outcome: 'never', reason, isOutdated: true };
      const letter = await letters.forReceiver(notification);
      // Before it goes out: what nobody can show afterwards must not have been sent.
      await sentLetters.keep(notificationId, round, await letters.withoutSecrets(notification));
      const messageId = messageIdOf({ notificationId, round });
      const posted = await handedOver(post, { ...letter, messageId, to: notification.recipient });
      return posted.outcome === 'sent' ? { ...posted, sentAt: clock.now().toISOString(), messageId } : posted;
    },

    async recordMailSent(
      { notificationId, round }: Delivery,
      { sentAt, messageId }: Extract<Tried, { outcome: 'sent' }>,
    ): Promise<void> {
      const { tenant, service } = await known(notificationId);
      const record = recordNotificationSent({ notificationId, round, sentAt, messageId });
      await commands.send(record, { step: 'sent', tenant, service });
    },

    async recordMailFailed({ notificationId, round }: Delivery, last: NotSent): Promise<void> {
      const { tenant, service } = await known(notificationId);
      const cause = causeOf(last);
      const record = recordNotificationFailed({ notificationId, round, cause, reason: last.reason });
      await commands.send(record, { step: 'failed', tenant, service });
    },

    /** `triedAt`: when the last try began of which nobody knows whether it arrived. */
    async recordMailUnconfirmed({ notificationId, round }: Delivery, last: NotSent, triedAt: string): Promise<void> {
      const { tenant, service } = await known(notificationId);
      const doubt = { triedAt, messageId: messageIdOf({ notificationId, round }) };
      const ended = { notificationId, round, cause: causeOf(last), reason: last.reason };
      const record = recordNotificationUnconfirmed({ ...ended, ...doubt });
      await commands.send(record, { step: 'unconfirmed', tenant, service });
    },
  };
};

/** Whatever breaks off here breaks off after the mail has left, or may have. */
const handedOver = async (post: Post, mail: Mail): Promise<Posted> => {
  try {
    return await post.send(mail);
  } catch {
    return { outcome: 'later', reason: 'the try broke off', mayHaveArrived: true };
  }
};

export type MailDeliveryActivities = ReturnType<typeof mailDeliveryActivities>;
