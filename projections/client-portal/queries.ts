import type { LiveRows } from '../../src/platform/projections/definition.js';
import type { Place } from '../../src/platform/http/paging.js';
import { shownVersion } from '../../src/platform/projections/read-models.js';
import { prepared } from '../../src/platform/sql/prepared.js';
import { rowsFrom, rowsWithin } from '../../src/platform/sql/rows-within.js';
import {
  type CaseRow,
  type CompanyRow,
  type MaterialRow,
  type PermissionRow,
  portalOf,
  type UserRow,
} from './tables.js';

export type UserWithPermissions = UserRow & Readonly<{ permissions: readonly PermissionRow[] }>;
export type CompanyWithCases = CompanyRow &
  Readonly<{ version: number | null; standards: readonly string[]; cases: readonly CaseRow[] }>;

const companyByCode = prepared((rows: LiveRows, clientCode: string, stream: string) => {
  const { db, raw } = portalOf(rows);
  const standards = db.selectFrom(raw('standards')).select('standard').where('client_code', '=', clientCode);
  const cases = db.selectFrom(raw('cases')).select(['client_code', 'acceptance_number', 'standard']);
  return db
    .selectFrom(raw('companies'))
    .selectAll()
    .select(shownVersion(rows, stream).as('version'))
    .select(rowsWithin(db, standards.orderBy('standard')).as('standards'))
    .select(rowsWithin(db, cases.where('client_code', '=', clientCode).orderBy('acceptance_number')).as('cases'))
    .where('client_code', '=', clientCode);
});

const casesOf = prepared((rows: LiveRows, clientCode: string) => {
  const { db, raw } = portalOf(rows);
  const cases = db.selectFrom(raw('cases')).selectAll().where('client_code', '=', clientCode);
  return cases.orderBy('acceptance_number');
});

const firstCompanies = prepared((rows: LiveRows, limit: number) => {
  const { db, raw } = portalOf(rows);
  return db.selectFrom(raw('companies')).selectAll().orderBy('client_code').limit(limit);
});

const nextCompanies = prepared((rows: LiveRows, after: string, limit: number) => {
  const { db, raw } = portalOf(rows);
  const next = db.selectFrom(raw('companies')).selectAll().where('client_code', '>', after);
  return next.orderBy('client_code').limit(limit);
});

/** All rows are asked for by company: what belongs to another does not exist. */
export const findCompany = async (
  rows: LiveRows,
  clientCode: string,
  stream: string,
): Promise<CompanyWithCases | null> => {
  const [company] = await companyByCode(rows, clientCode, stream);
  if (!company) return null;
  const standards = rowsFrom(company.standards).map(({ standard }) => standard);
  return { ...company, standards, cases: rowsFrom(company.cases) };
};

export const listCompanies = (rows: LiveRows, after: Place | null, limit: number): Promise<CompanyRow[]> =>
  after ? nextCompanies(rows, after[1], limit) : firstCompanies(rows, limit);

export const listCases = (rows: LiveRows, clientCode: string): Promise<CaseRow[]> => casesOf(rows, clientCode);

export const listUsers = async (
  rows: LiveRows,
  clientCode: string,
  after: Place | null,
  limit: number,
): Promise<UserWithPermissions[]> => {
  const { db, raw } = portalOf(rows);
  let page = db
    .selectFrom(raw('users'))
    .selectAll()
    .where('client_code', '=', clientCode)
    .orderBy('user_id')
    .limit(limit);
  if (after) page = page.where('user_id', '>', after[1]);
  const users = await page.execute();
  if (users.length === 0) return [];
  const ids = users.map(({ account_id }) => account_id);
  const held = db.selectFrom(raw('permissions')).selectAll().where('account_id', 'in', ids);
  const permissions = await held.orderBy('acceptance_number').execute();
  return users.map((user) => ({
    ...user,
    permissions: permissions.filter(({ account_id }) => account_id === user.account_id),
  }));
};

export const findUser = async (
  rows: LiveRows,
  clientCode: string,
  accountId: string,
): Promise<UserWithPermissions | null> => {
  const { db, raw } = portalOf(rows);
  const one = db.selectFrom(raw('users')).selectAll().where('client_code', '=', clientCode);
  const user = await one.where('account_id', '=', accountId).executeTakeFirst();
  return user ? { ...user, permissions: await listPermissions(rows, accountId) } : null;
};

export const listPermissions = (rows: LiveRows, accountId: string): Promise<PermissionRow[]> => {
  const { db, raw } = portalOf(rows);
  const held = db.selectFrom(raw('permissions')).selectAll().where('account_id', '=', accountId);
  return held.orderBy('acceptance_number').execute();
};

export const listMaterials = (rows: LiveRows, clientCode: string, acceptanceNumber: string): Promise<MaterialRow[]> => {
  const { db, raw } = portalOf(rows);
  const materials = db.selectFrom(raw('materials')).selectAll().where('client_code', '=', clientCode);
  return materials
    .where('acceptance_number', '=', acceptanceNumber)
    .orderBy('file_name')
    .orderBy('material_id')
    .execute();
};
