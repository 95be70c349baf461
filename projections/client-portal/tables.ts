import type { Kysely } from 'kysely';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';

export type CompanyRow = {
  client_code: string;
  name: string;
  management_account_id: string | null;
  management_user_id: string | null;
  /** 1 while the password in force is one that the back office gave out. */
  initial_password: number;
  /** The five steps of the set-up, each with the time it was first done. */
  logged_in_at: string | null;
  password_changed_at: string | null;
  user_created_at: string | null;
  view_granted_at: string | null;
  procedure_granted_at: string | null;
  completed_at: string | null;
  updated_at: string;
};
export type StandardRow = { client_code: string; standard: string };
export type CaseRow = { client_code: string; acceptance_number: string; standard: string };
export type UserRow = {
  account_id: string;
  client_code: string;
  user_id: string;
  display_name: string;
  created_at: string;
  updated_at: string;
};
export type PermissionRow = {
  account_id: string;
  acceptance_number: string;
  client_code: string;
  standard: string;
  procedure_user: number;
  updated_at: string;
};

export type MaterialRow = {
  material_id: string;
  client_code: string;
  acceptance_number: string;
  file_name: string;
  media_type: string;
  size_bytes: number;
  added_at: string;
};

/** The tables under the names of this generation; the row types say what is in them. */
export type PortalTables = {
  companies: CompanyRow;
  standards: StandardRow;
  cases: CaseRow;
  users: UserRow;
  permissions: PermissionRow;
  materials: MaterialRow;
};

/** Kysely types the tables by their plain names; `raw` gives the name that stands in the database now. */
export const portalOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<PortalTables>,
  raw: <N extends keyof PortalTables>(name: N) => table(name) as N,
});

export const portalTables: Pick<ProjectionDefinition, 'tables' | 'indexes'> = {
  tables: {
    companies: (t) =>
      t
        .addColumn('client_code', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('management_account_id', 'text')
        .addColumn('management_user_id', 'text')
        .addColumn('initial_password', 'integer', (c) => c.notNull())
        .addColumn('logged_in_at', 'text')
        .addColumn('password_changed_at', 'text')
        .addColumn('user_created_at', 'text')
        .addColumn('view_granted_at', 'text')
        .addColumn('procedure_granted_at', 'text')
        .addColumn('completed_at', 'text')
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    standards: (t) =>
      t.addColumn('client_code', 'text', (c) => c.notNull()).addColumn('standard', 'text', (c) => c.notNull()),
    cases: (t) =>
      t
        .addColumn('client_code', 'text', (c) => c.notNull())
        .addColumn('acceptance_number', 'text', (c) => c.notNull())
        .addColumn('standard', 'text', (c) => c.notNull()),
    users: (t) =>
      t
        .addColumn('account_id', 'text', (c) => c.primaryKey())
        .addColumn('client_code', 'text', (c) => c.notNull())
        .addColumn('user_id', 'text', (c) => c.notNull())
        .addColumn('display_name', 'text', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    permissions: (t) =>
      t
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('acceptance_number', 'text', (c) => c.notNull())
        .addColumn('client_code', 'text', (c) => c.notNull())
        .addColumn('standard', 'text', (c) => c.notNull())
        .addColumn('procedure_user', 'integer', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    materials: (t) =>
      t
        .addColumn('material_id', 'text', (c) => c.primaryKey())
        .addColumn('client_code', 'text', (c) => c.notNull())
        .addColumn('acceptance_number', 'text', (c) => c.notNull())
        .addColumn('file_name', 'text', (c) => c.notNull())
        .addColumn('media_type', 'text', (c) => c.notNull())
        .addColumn('size_bytes', 'bigint', (c) => c.notNull())
        .addColumn('added_at', 'text', (c) => c.notNull()),
  },
  indexes: [
    { table: 'standards', columns: ['client_code'] },
    { table: 'cases', columns: ['client_code', 'acceptance_number'] },
    { table: 'users', columns: ['client_code', 'user_id'] },
    { table: 'materials', columns: ['client_code', 'acceptance_number'] },
    { table: 'permissions', columns: ['account_id', 'acceptance_number'] },
    { table: 'permissions', columns: ['client_code', 'acceptance_number'] },
  ],
};
