import type { Place } from '../../src/platform/http/paging.js';
import type { LiveRows } from '../../src/platform/projections/definition.js';
import { type ApplicationRow, applicationsOf } from './tables.js';

export type { ApplicationRow };
export type Filters = Readonly<{
  status?: string;
  companyCode?: string;
  holderUserId?: string;
  holderTenant?: string;
  /** Due before this moment and not decided. */
  overdueAt?: string;
}>;

export const findApplication = async (rows: LiveRows, applicationId: string): Promise<ApplicationRow | null> => {
  const { db, raw } = applicationsOf(rows);
  const one = db.selectFrom(raw('applications')).selectAll().where('application_id', '=', applicationId);
  return (await one.executeTakeFirst()) ?? null;
};

/** Whoever has waited longest comes first; registered ones only, because before that there is nothing to look at. */
export const listApplications = (
  rows: LiveRows,
  { status, companyCode, holderUserId, holderTenant, overdueAt }: Filters,
  after: Place | null,
  limit: number,
): Promise<ApplicationRow[]> => {
  const { db, raw } = applicationsOf(rows);
  let page = db
    .selectFrom(raw('applications'))
    .selectAll()
    .where('registered_at', 'is not', null)
    .orderBy('waiting_since')
    .orderBy('application_id')
    .limit(limit);
  if (status !== undefined) page = page.where('status', '=', status);
  if (companyCode !== undefined) page = page.where('company_code', '=', companyCode);
  if (holderUserId !== undefined) page = page.where('holder_user_id', '=', holderUserId);
  if (holderTenant !== undefined) page = page.where('holder_tenant', '=', holderTenant);
  if (overdueAt !== undefined) page = page.where('review_due_at', '<=', overdueAt);
  if (after) {
    const [since, id] = after;
    page = page.where((where) =>
      where.or([
        where('waiting_since', '>', String(since)),
        where.and([where('waiting_since', '=', String(since)), where('application_id', '>', id)]),
      ]),
    );
  }
  return page.execute();
};

/** Of these documents the ones that this account has looked at. */
export const documentsSeenBy = async (
  rows: LiveRows,
  viewerId: string,
  documentIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (documentIds.length === 0) return new Set();
  const { db, raw } = applicationsOf(rows);
  const seen = await db
    .selectFrom(raw('application_documents_seen'))
    .select('document_id')
    .where('viewer_id', '=', viewerId)
    .where('document_id', 'in', documentIds)
    .execute();
  return new Set(seen.map(({ document_id }) => document_id));
};
