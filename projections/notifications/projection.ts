import type { Kysely } from 'kysely';
import { type NotificationEvent, notificationEvents } from '../../src/contexts/notifications/messages.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';

export type NotificationState = 'queued' | 'sent' | 'failed' | 'unconfirmed';

/** One row for each mail, whatever became of it. */
export type NotificationRow = {
  notification_id: string;
  kind: string;
  service: string;
  tenant: string;
  process_id: string;
  recipient: string;
  state: NotificationState;
  round: number;
  queued_at: string;
  /** Until when the present round is tried. */
  deadline: string;
  /** When the present round ended; null while it is under way. */
  ended_at: string | null;
  reason: string | null;
  updated_at: string;
};
export type NotificationTables = { notifications: NotificationRow };

export const notificationsOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<NotificationTables>,
  notifications: table('notifications') as 'notifications',
});

const apply = async ({ type, data, metadata }: Recorded<NotificationEvent>, rows: LiveRows): Promise<void> => {
  const { db, notifications } = notificationsOf(rows);
  const updated_at = metadata.occurredAt;
  const change = (set: Partial<NotificationRow>) =>
    db
      .updateTable(notifications)
      .set({ ...set, updated_at })
      .where('notification_id', '=', data.notificationId)
      .execute();
  switch (type) {
    case 'notifications.NotificationQueued': {
      const { notificationId: notification_id, processId: process_id, kind, service, tenant, recipient } = data;
      const row = { notification_id, process_id, kind, service, tenant, recipient, round: data.round };
      const began = { state: 'queued' as const, queued_at: updated_at, deadline: data.deadline, updated_at };
      await db
        .insertInto(notifications)
        .values({ ...row, ...began, ended_at: null, reason: null })
        .execute();
      return;
    }
    case 'notifications.NotificationRequeued': {
      const { round, deadline } = data;
      await change({ state: 'queued', round, deadline, queued_at: updated_at, ended_at: null, reason: null });
      return;
    }
    case 'notifications.NotificationSent':
      await change({ state: 'sent', ended_at: data.sentAt });
      return;
    case 'notifications.NotificationFailed':
      await change({ state: 'failed', ended_at: updated_at, reason: data.reason });
      return;
    case 'notifications.NotificationUnconfirmed':
      await change({ state: 'unconfirmed', ended_at: updated_at, reason: data.reason });
  }
};

export const notifications: ProjectionDefinition = {
  name: 'notifications',
  version: 1,
  typePrefixes: notificationEvents.map(({ type }) => type),
  tables: {
    notifications: (t) =>
      t
        .addColumn('notification_id', 'text', (c) => c.primaryKey())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('service', 'text', (c) => c.notNull())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('process_id', 'text', (c) => c.notNull())
        .addColumn('recipient', 'text', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('round', 'integer', (c) => c.notNull())
        .addColumn('queued_at', 'text', (c) => c.notNull())
        .addColumn('deadline', 'text', (c) => c.notNull())
        .addColumn('ended_at', 'text')
        .addColumn('reason', 'text')
        .addColumn('updated_at', 'text', (c) => c.notNull()),
  },
  indexes: [
    { table: 'notifications', columns: ['queued_at', 'notification_id'] },
    { table: 'notifications', columns: ['state', 'queued_at'] },
    { table: 'notifications', columns: ['process_id'] },
    { table: 'notifications', columns: ['tenant', 'queued_at'] },
  ],
  apply: (event, rows) => apply(event as unknown as Recorded<NotificationEvent>, rows),
};
