import type { LiveRows } from '../../src/platform/projections/definition.js';
import type { Place } from '../../src/platform/http/paging.js';
import { type CompanyRow, type GroupRow, mailKeyOf, type OwnerRow, partnersOf, type UserRow } from './tables.js';

export const listOwners = (rows: LiveRows, after: Place | null, limit: number): Promise<OwnerRow[]> => {
  const { db, raw } = partnersOf(rows);
  let owners = db.selectFrom(raw('owners')).selectAll().orderBy('company_code').limit(limit);
  if (after) owners = owners.where('company_code', '>', after[1]);
  return owners.execute();
};

export const listCompanies = (
  rows: LiveRows,
  companyCode: string,
  after: Place | null,
  limit: number,
): Promise<CompanyRow[]> => {
  const { db, raw } = partnersOf(rows);
  let companies = db
    .selectFrom(raw('companies'))
    .selectAll()
    .where('company_code', '=', companyCode)
    .orderBy('vendor_code')
    .limit(limit);
  if (after) companies = companies.where('vendor_code', '>', after[1]);
  return companies.execute();
};

export const findCompany = (rows: LiveRows, vendorCode: string): Promise<CompanyRow | undefined> => {
  const { db, raw } = partnersOf(rows);
  return db.selectFrom(raw('companies')).selectAll().where('vendor_code', '=', vendorCode).executeTakeFirst();
};

export const listGroups = (rows: LiveRows, vendorCode: string): Promise<GroupRow[]> => {
  const { db, raw } = partnersOf(rows);
  const groups = db.selectFrom(raw('groups')).selectAll().where('vendor_code', '=', vendorCode);
  return groups.orderBy('group_id').execute();
};

export const listMembers = (
  rows: LiveRows,
  groupId: string,
  after: Place | null,
  limit: number,
): Promise<UserRow[]> => {
  const { db, raw } = partnersOf(rows);
  let users = db.selectFrom(raw('users')).selectAll().where('group_id', '=', groupId).orderBy('user_id').limit(limit);
  if (after) users = users.where('user_id', '>', after[1]);
  return users.execute();
};

export const findMember = (rows: LiveRows, groupId: string, userId: string): Promise<UserRow | undefined> => {
  const { db, raw } = partnersOf(rows);
  const one = db.selectFrom(raw('users')).selectAll().where('group_id', '=', groupId);
  return one.where('user_id', '=', userId).executeTakeFirst();
};

/** Users that an address could mean; whether they still have it, their companies' streams say. */
export const bearersOfMail = async (
  rows: LiveRows,
  mail: string,
): Promise<readonly Readonly<{ userId: string; mail: string }>[]> => {
  const { db, raw } = partnersOf(rows);
  const users = db
    .selectFrom(raw('users'))
    .select(['user_id', 'mail'])
    .where('mail_key', '=', mailKeyOf(mail))
    .orderBy('user_id');
  return (await users.execute()).map((user) => ({ userId: user.user_id, mail: user.mail }));
};

/** The partners that have a user with this address, be it the second one. */
export const vendorsOfMail = async (rows: LiveRows, mail: string): Promise<string[]> => {
  const { db, raw } = partnersOf(rows);
  const key = mailKeyOf(mail);
  const users = db
    .selectFrom(raw('users'))
    .select('vendor_code')
    .distinct()
    .where((e) => e.or([e('mail_key', '=', key), e(e.fn<string>('lower', ['secondary_mail']), '=', key)]))
    .orderBy('vendor_code');
  return (await users.execute()).map(({ vendor_code }) => vendor_code);
};
