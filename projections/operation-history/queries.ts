import type { Place } from '../../src/platform/http/paging.js';
import type { LiveRows } from '../../src/platform/projections/definition.js';
import { historyOf, type LineRow } from './projection.js';

/** Whose history may be seen; null means all of it. */
export type Scope = Readonly<{ services: readonly string[] | null; tenant: string | null; actorId: string | null }>;

export type Filters = Readonly<{
  from?: string;
  to?: string;
  service?: string;
  tenant?: string;
  user?: string;
  operation?: string;
  target?: string;
  result?: string;
  correlationId?: string;
}>;

export type Order = 'newest' | 'oldest';

export const listHistory = (
  rows: LiveRows,
  { services, tenant, actorId }: Scope,
  filters: Filters,
  order: Order,
  after: Place | null,
  limit: number,
): Promise<LineRow[]> => {
  const { db, raw } = historyOf(rows);
  const direction = order === 'newest' ? 'desc' : 'asc';
  let lines = db
    .selectFrom(raw('lines'))
    .selectAll()
    .orderBy('at', direction)
    .orderBy('line_id', direction)
    .limit(limit);
  if (services !== null) lines = lines.where('service', 'in', [...services]);
  if (tenant !== null) lines = lines.where('tenant', '=', tenant);
  if (actorId !== null) lines = lines.where('actor_id', '=', actorId);
  if (filters.service !== undefined) lines = lines.where('service', '=', filters.service);
  if (filters.tenant !== undefined) lines = lines.where('tenant', '=', filters.tenant);
  if (filters.from !== undefined) lines = lines.where('at', '>=', filters.from);
  if (filters.to !== undefined) lines = lines.where('at', '<', filters.to);
  if (filters.operation !== undefined) lines = lines.where('operation', '=', filters.operation);
  if (filters.result !== undefined) lines = lines.where('result', '=', filters.result as LineRow['result']);
  if (filters.correlationId !== undefined) lines = lines.where('correlation_id', '=', filters.correlationId);
  const { user, target } = filters;
  if (user !== undefined)
    lines = lines.where((e) =>
      e.or([e('actor_id', '=', user), e('actor_login_id', '=', user), e('actor_name', '=', user)]),
    );
  // Else a tenant could find out by asking whom it is not shown.
  if (user !== undefined && tenant !== null)
    lines = lines.where((e) =>
      e.and([
        e('actor_kind', '!=', 'backOffice'),
        e.or([e('on_behalf_of_kind', 'is', null), e('on_behalf_of_kind', '!=', 'backOffice')]),
      ]),
    );
  if (target !== undefined)
    lines = lines.where(
      'line_id',
      'in',
      db.selectFrom(raw('targets')).select('line_id').where('target_id', '=', target),
    );
  if (after) {
    const [at, id] = [String(after[0]), after[1]];
    const past = order === 'newest' ? '<' : '>';
    lines = lines.where((e) => e.or([e('at', past, at), e.and([e('at', '=', at), e('line_id', past, id)])]));
  }
  return lines.execute();
};
