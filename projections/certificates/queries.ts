import type { Place } from '../../src/platform/http/paging.js';
import type { LiveRows } from '../../src/platform/projections/definition.js';
import { type CertificateRow, certificatesOf, type RequestRow, type SectionRow } from './tables.js';

export type CertificateFilters = Readonly<{ tenant?: string; userId?: string; serial?: string; status?: string }>;

/** Newest first. */
export const listCertificates = (
  rows: LiveRows,
  { tenant, userId, serial, status }: CertificateFilters,
  after: Place | null,
  limit: number,
): Promise<CertificateRow[]> => {
  const { db, raw } = certificatesOf(rows);
  let query = db
    .selectFrom(raw('certificates'))
    .selectAll()
    .orderBy('not_before', 'desc')
    .orderBy('certificate_id', 'desc')
    .limit(limit);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (serial !== undefined) query = query.where('serial', '=', serial.toLowerCase());
  if (status !== undefined) query = query.where('status', '=', status as CertificateRow['status']);
  if (after) {
    const [at, id] = [String(after[0]), after[1]];
    query = query.where((e) =>
      e.or([e('not_before', '<', at), e.and([e('not_before', '=', at), e('certificate_id', '<', id)])]),
    );
  }
  return query.execute();
};

export const findCertificate = (rows: LiveRows, certificateId: string): Promise<CertificateRow | undefined> => {
  const { db, raw } = certificatesOf(rows);
  return db.selectFrom(raw('certificates')).selectAll().where('certificate_id', '=', certificateId).executeTakeFirst();
};

/** What somebody who asks for a revocation may call a certificate: its id, its serial, its holder's user ID. */
export const certificatesNamed = (rows: LiveRows, name: string): Promise<CertificateRow[]> => {
  const { db, raw } = certificatesOf(rows);
  return db
    .selectFrom(raw('certificates'))
    .selectAll()
    .where((e) => e.or([e('certificate_id', '=', name), e('serial', '=', name.toLowerCase()), e('user_id', '=', name)]))
    .where('status', 'in', ['issued', 'active'])
    .orderBy('not_before', 'desc')
    .execute();
};

/** Those of an account that could be put into its section. */
export const certificatesOfAccount = (rows: LiveRows, accountId: string): Promise<CertificateRow[]> => {
  const { db, raw } = certificatesOf(rows);
  return db
    .selectFrom(raw('certificates'))
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('not_before', 'desc')
    .execute();
};

export type Section = Readonly<{ section: SectionRow; certificate: CertificateRow }>;

export const findSection = async (rows: LiveRows, accountId: string): Promise<Section | null> => {
  const { db, raw } = certificatesOf(rows);
  const sections = db.selectFrom(raw('sections')).selectAll();
  const section = await sections.where('account_id', '=', accountId).executeTakeFirst();
  return section ? { section, certificate: (await findCertificate(rows, section.certificate_id))! } : null;
};

export type RequestWithCertificate = Readonly<{ request: RequestRow; certificate: CertificateRow | null }>;

/** The queue: who has waited longest comes first. */
export const listRequests = async (
  rows: LiveRows,
  status: string | undefined,
  after: Place | null,
  limit: number,
): Promise<RequestWithCertificate[]> => {
  const { db, raw } = certificatesOf(rows);
  let query = db.selectFrom(raw('requests')).selectAll().orderBy('requested_at').orderBy('request_id').limit(limit);
  if (status !== undefined) query = query.where('status', '=', status as RequestRow['status']);
  if (after) {
    const [at, id] = [String(after[0]), after[1]];
    query = query.where((e) =>
      e.or([e('requested_at', '>', at), e.and([e('requested_at', '=', at), e('request_id', '>', id)])]),
    );
  }
  const requests = await query.execute();
  const ids = [...new Set(requests.flatMap(({ certificate_id }) => certificate_id ?? []))];
  const named = db.selectFrom(raw('certificates')).selectAll().where('certificate_id', 'in', ids);
  const found = ids.length === 0 ? [] : await named.execute();
  const byId = new Map(found.map((row) => [row.certificate_id, row]));
  return requests.map((request) => ({ request, certificate: byId.get(request.certificate_id ?? '') ?? null }));
};

export const findRequest = (rows: LiveRows, requestId: string): Promise<RequestRow | undefined> => {
  const { db, raw } = certificatesOf(rows);
  return db.selectFrom(raw('requests')).selectAll().where('request_id', '=', requestId).executeTakeFirst();
};
