import type { Place } from '../../src/platform/http/paging.js';
import type { LiveRows } from '../../src/platform/projections/definition.js';
import { accountsOf, type StaffRow, type TokenRow } from './projection.js';

export const listStaff = (rows: LiveRows, after: Place | null, limit: number): Promise<StaffRow[]> => {
  const { db, raw } = accountsOf(rows);
  const page = db.selectFrom(raw('staff')).selectAll().orderBy('login_id').limit(limit);
  return (after ? page.where('login_id', '>', after[1]) : page).execute();
};

export const findStaff = async (rows: LiveRows, staffId: string): Promise<StaffRow | null> => {
  const { db, raw } = accountsOf(rows);
  const one = db.selectFrom(raw('staff')).selectAll().where('staff_id', '=', staffId);
  return (await one.executeTakeFirst()) ?? null;
};

/** Newest first. */
export const listTokens = (
  rows: LiveRows,
  service: string,
  tenant: string,
  after: Place | null,
  limit: number,
): Promise<TokenRow[]> => {
  const { db, raw } = accountsOf(rows);
  let page = db.selectFrom(raw('tokens')).selectAll().where('service', '=', service).where('tenant', '=', tenant);
  page = page.orderBy('issued_at', 'desc').orderBy('token_id', 'desc').limit(limit);
  if (after) {
    const [at, id] = [String(after[0]), after[1]];
    page = page.where((e) => e.or([e('issued_at', '<', at), e.and([e('issued_at', '=', at), e('token_id', '<', id)])]));
  }
  return page.execute();
};
