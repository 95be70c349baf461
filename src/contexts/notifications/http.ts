import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type NotificationRow, notifications } from '../../../projections/notifications/projection.js';
import { type Filters, findNotification, listNotifications } from '../../../projections/notifications/queries.js';
import { inJapan, inJapanOrNull } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { Asked, type Given } from '../../platform/http/asked.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import {
  ANSWERED,
  Answers,
  listOf,
  MayAsk,
  moment,
  oneOf,
  orNull,
  pageShape,
  shape,
  text,
  whole,
} from '../../platform/http/documented.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { Letters } from '../../platform/mail/letters.js';
import { type SentLetter, SentLetters } from '../../platform/mail/sent-letters.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { STAFF } from '../identity/messages.js';
import { isForgotten, mayBeResent, type Notification, STATES } from './decider.js';
import { notificationById } from './lookups.js';
import { resendNotification } from './messages.js';

const FILTERS = ['state', 'kind', 'service', 'tenant', 'processId', 'recipient', 'from', 'to'] as const;
const KNOWN = [...FILTERS, 'cursor', 'limit'];

const filtersOf = (given: Given): Filters => {
  const asked = new Asked(given, KNOWN);
  return asked.filters({
    state: asked.oneOf('state', STATES),
    kind: asked.text('kind'),
    service: asked.text('service'),
    tenant: asked.text('tenant'),
    processId: asked.text('processId'),
    recipient: asked.text('recipient'),
    from: asked.moment('from'),
    to: asked.moment('to'),
  });
};

const ITEM = {
  id: text,
  type: oneOf('notification'),
  kind: text,
  service: text,
  tenant: text,
  processId: text,
  recipient: text,
  status: oneOf(...STATES),
  round: whole,
  version: whole,
  queuedAt: moment,
  deadline: orNull(moment),
  endedAt: orNull(moment),
  reason: orNull(text),
  updatedAt: moment,
  actions: listOf(oneOf('resend')),
};
const LETTER = shape({ subject: text, text, attachments: listOf(text) });

const streamOf = (notificationId: string): string => `notification-${notificationId}`;

const item = (row: NotificationRow, version: number, keptDays: number, now: Date) => ({
  id: row.notification_id,
  type: 'notification',
  kind: row.kind,
  service: row.service,
  tenant: row.tenant,
  processId: row.process_id,
  recipient: row.recipient,
  status: row.state,
  round: row.round,
  version,
  queuedAt: inJapan(new Date(row.queued_at)),
  deadline: row.state === 'queued' ? inJapan(new Date(row.deadline)) : null,
  endedAt: inJapanOrNull(row.ended_at),
  reason: row.reason,
  updatedAt: inJapan(new Date(row.updated_at)),
  actions: mayBeResent(row, now) && !isForgotten(row, keptDays, now) ? ['resend'] : [],
});

/** Which mails went out, which did not and why. */
@Controller('back-office/notifications')
@Only(STAFF)
export class NotificationsController {
  constructor(
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Letters) private readonly letters: Letters,
    @Inject(SentLetters) private readonly sentLetters: SentLetters,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @MayAsk(...KNOWN)
  @Answers(200, pageShape(shape(ITEM)))
  async list(@Query() given: Given) {
    const size = limitOf(given['limit']);
    const after = placeOf(given['cursor']);
    const filters = filtersOf(given);
    const rows = await this.readModels.query(notifications, (live) =>
      listNotifications(live, filters, after, size + 1),
    );
    const streams = rows.map(({ notification_id }) => streamOf(notification_id));
    const versions = await this.readModels.versionsOf(notifications, streams);
    const shown = (row: NotificationRow) => this.item(row, versions.get(streamOf(row.notification_id)) ?? -1);
    return pageOf(rows, size, shown, (row) => [row.queued_at, row.notification_id]);
  }

  /** With the mail as it went out, or may have, or as it would now, but links and passwords masked. */
  @Get(':id')
  @MayAsk('minVersion')
  @Answers(200, shape({ ...ITEM, letter: orNull(LETTER) }), 'NOT_FOUND')
  async one(@Param('id') id: string, @Query('minVersion') minVersion?: string) {
    await this.readModels.untilVersion(notifications, streamOf(id), minVersionOf(minVersion));
    // Before the row: a version must never promise more than what is shown with it.
    const version = await this.readModels.versionOf(notifications, streamOf(id));
    const row = await this.readModels.query(notifications, (live) => findNotification(live, id));
    const notification = row && (await notificationById(this.decisions, id));
    if (!row || !notification) throw new Refused(refusal('NOT_FOUND'));
    return { ...this.item(row, version), letter: await this.letterOf(notification) };
  }

  private item(row: NotificationRow, version: number) {
    return item(row, version, this.sentLetters.keptDays, this.clock.now());
  }

  private async letterOf(notification: Notification): Promise<SentLetter | null> {
    const { notificationId, round, state } = notification;
    if (isForgotten(notification, this.sentLetters.keptDays, this.clock.now())) return null;
    const sent =
      state === 'sent' || state === 'unconfirmed' ? await this.sentLetters.find(notificationId, round) : null;
    if (sent) return sent;
    const { subject, text, attachments } = await this.letters.withoutSecrets(notification);
    return { subject, text, attachments: attachments.map(({ fileName }) => fileName) };
  }

  @Post(':id/resend')
  @HttpCode(202)
  @Answers(202, ANSWERED, 'NOT_FOUND', 'NOTIFICATION_UNDER_WAY', 'NOTIFICATION_TOO_OLD')
  async resend(@Param('id') id: string, @From() caller: Caller) {
    const notification = await notificationById(this.decisions, id);
    if (!notification) throw new Refused(refusal('NOT_FOUND'));
    const { service, tenant } = notification;
    const sender = senderOf(caller, { service, tenant });
    const { keptDays } = this.sentLetters;
    const resend = resendNotification({ notificationId: id, keptDays });
    const { version } = orRefuse(await this.commands.send(resend, sender));
    return { id, version };
  }
}
