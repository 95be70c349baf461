import type { Kysely } from 'kysely';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';

export type OwnerRow = { company_code: string; name: string; updated_at: string };
export type CompanyRow = {
  vendor_code: string;
  company_code: string;
  name: string;
  group_id: string;
  updated_at: string;
};
export type GroupRow = {
  group_id: string;
  vendor_code: string;
  company_code: string;
  name: string;
  parent_group_id: string;
  issue_request_received_on: string;
  terms_consent_received_on: string;
  updated_at: string;
};
export type UserRow = {
  account_id: string;
  user_id: string;
  vendor_code: string;
  group_id: string;
  name: string;
  mail: string;
  /** The address as it is looked for: mail systems do not tell capital letters apart. */
  mail_key: string;
  secondary_mail: string | null;
  /** JSON, in the order of the roles. */
  roles: string;
  /** 1 until the person has chosen a password. */
  initial_password: number;
  notice_sent_at: string | null;
  created_at: string;
  updated_at: string;
};

/** The tables under the names of this generation; the row types say what is in them. */
export type PartnerTables = { owners: OwnerRow; companies: CompanyRow; groups: GroupRow; users: UserRow };

export const mailKeyOf = (mail: string): string => mail.toLowerCase();

/** Kysely types the tables by their plain names; `raw` gives the name that stands in the database now. */
export const partnersOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<PartnerTables>,
  raw: <N extends keyof PartnerTables>(name: N) => table(name) as N,
});

export const partnerTables: Pick<ProjectionDefinition, 'tables' | 'indexes'> = {
  tables: {
    owners: (t) =>
      t
        .addColumn('company_code', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    companies: (t) =>
      t
        .addColumn('vendor_code', 'text', (c) => c.primaryKey())
        .addColumn('company_code', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('group_id', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    groups: (t) =>
      t
        .addColumn('group_id', 'text', (c) => c.primaryKey())
        .addColumn('vendor_code', 'text', (c) => c.notNull())
        .addColumn('company_code', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('parent_group_id', 'text', (c) => c.notNull())
        .addColumn('issue_request_received_on', 'text', (c) => c.notNull())
        .addColumn('terms_consent_received_on', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    users: (t) =>
      t
        .addColumn('account_id', 'text', (c) => c.primaryKey())
        .addColumn('user_id', 'text', (c) => c.notNull())
        .addColumn('vendor_code', 'text', (c) => c.notNull())
        .addColumn('group_id', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('mail', 'text', (c) => c.notNull())
        .addColumn('mail_key', 'text', (c) => c.notNull())
        .addColumn('secondary_mail', 'text')
        .addColumn('roles', 'text', (c) => c.notNull())
        .addColumn('initial_password', 'integer', (c) => c.notNull())
        .addColumn('notice_sent_at', 'text')
        .addColumn('created_at', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull()),
  },
  indexes: [
    { table: 'companies', columns: ['company_code', 'vendor_code'] },
    { table: 'groups', columns: ['vendor_code', 'group_id'] },
    { table: 'users', columns: ['user_id'], unique: true },
    { table: 'users', columns: ['group_id', 'user_id'] },
    { table: 'users', columns: ['mail_key'] },
  ],
};
