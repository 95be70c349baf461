import type { Place } from '../../src/platform/http/paging.js';
import type { LiveRows } from '../../src/platform/projections/definition.js';
import { type NotificationRow, notificationsOf, type NotificationState } from './projection.js';

export type Filters = Readonly<{
  state?: string;
  kind?: string;
  service?: string;
  tenant?: string;
  processId?: string;
  recipient?: string;
  from?: string;
  to?: string;
}>;

/** Newest first. */
export const listNotifications = (
  rows: LiveRows,
  filters: Filters,
  after: Place | null,
  limit: number,
): Promise<NotificationRow[]> => {
  const { db, notifications } = notificationsOf(rows);
  let found = db
    .selectFrom(notifications)
    .selectAll()
    .orderBy('queued_at', 'desc')
    .orderBy('notification_id', 'desc')
    .limit(limit);
  if (filters.state !== undefined) found = found.where('state', '=', filters.state as NotificationState);
  if (filters.kind !== undefined) found = found.where('kind', '=', filters.kind);
  if (filters.service !== undefined) found = found.where('service', '=', filters.service);
  if (filters.tenant !== undefined) found = found.where('tenant', '=', filters.tenant);
  if (filters.processId !== undefined) found = found.where('process_id', '=', filters.processId);
  if (filters.recipient !== undefined) found = found.where('recipient', '=', filters.recipient);
  if (filters.from !== undefined) found = found.where('queued_at', '>=', filters.from);
  if (filters.to !== undefined) found = found.where('queued_at', '<', filters.to);
  if (after) {
    const [at, id] = [String(after[0]), after[1]];
    found = found.where((e) =>
      e.or([e('queued_at', '<', at), e.and([e('queued_at', '=', at), e('notification_id', '<', id)])]),
    );
  }
  return found.execute();
};

export const findNotification = (rows: LiveRows, notificationId: string): Promise<NotificationRow | undefined> => {
  const { db, notifications } = notificationsOf(rows);
  return db.selectFrom(notifications).selectAll().where('notification_id', '=', notificationId).executeTakeFirst();
};

export const countByState = async (rows: LiveRows): Promise<ReadonlyMap<NotificationState, number>> => {
  const { db, notifications } = notificationsOf(rows);
  const counted = await db
    .selectFrom(notifications)
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  return new Map(counted.map(({ state, count }) => [state, Number(count)]));
};
