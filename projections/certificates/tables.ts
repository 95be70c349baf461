import type { Kysely } from 'kysely';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';

export type CertificateRow = {
  certificate_id: string;
  application_id: string;
  tenant: string;
  account_id: string | null;
  user_id: string;
  holder_name: string;
  company_name: string;
  common_name: string;
  serial: string;
  authority_id: string;
  term_years: number;
  not_before: string;
  not_after: string;
  active_from: string | null;
  /** As recorded; the clock may be ahead of the timer that records. */
  status: 'issued' | 'active' | 'revoked' | 'expired';
  revoked_at: string | null;
  revoked_by: string | null;
  reason: string | null;
  updated_at: string;
};

export type SectionRow = {
  account_id: string;
  user_id: string;
  certificate_id: string;
  file_name: string;
  registered_at: string;
};

export type RequestRow = {
  request_id: string;
  /** Null while nobody knows which one is meant; `named` says what was typed. */
  certificate_id: string | null;
  named: string | null;
  cause: string;
  statement: string;
  mail: string;
  requested_at: string;
  due_at: string;
  status: 'unmatched' | 'waiting' | 'granted' | 'dismissed';
  note: string | null;
  decided_by: string | null;
  updated_at: string;
};

export type CertificateTables = { certificates: CertificateRow; sections: SectionRow; requests: RequestRow };

export const certificatesOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<CertificateTables>,
  raw: <N extends keyof CertificateTables>(name: N) => table(name) as N,
});

export const certificateTables: Pick<ProjectionDefinition, 'tables' | 'indexes'> = {
  tables: {
    certificates: (t) =>
      t
        .addColumn('certificate_id', 'text', (c) => c.primaryKey())
        .addColumn('application_id', 'text', (c) => c.notNull())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('account_id', 'text')
        .addColumn('user_id', 'text', (c) => c.notNull())
        .addColumn('holder_name', 'text', (c) => c.notNull())
        .addColumn('company_name', 'text', (c) => c.notNull())
        .addColumn('common_name', 'text', (c) => c.notNull())
        .addColumn('serial', 'text', (c) => c.notNull())
        .addColumn('authority_id', 'text', (c) => c.notNull())
        .addColumn('term_years', 'integer', (c) => c.notNull())
        .addColumn('not_before', 'text', (c) => c.notNull())
        .addColumn('not_after', 'text', (c) => c.notNull())
        .addColumn('active_from', 'text')
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('revoked_at', 'text')
        .addColumn('revoked_by', 'text')
        .addColumn('reason', 'text')
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    sections: (t) =>
      t
        .addColumn('account_id', 'text', (c) => c.primaryKey())
        .addColumn('user_id', 'text', (c) => c.notNull())
        .addColumn('certificate_id', 'text', (c) => c.notNull())
        .addColumn('file_name', 'text', (c) => c.notNull())
        .addColumn('registered_at', 'text', (c) => c.notNull()),
    requests: (t) =>
      t
        .addColumn('request_id', 'text', (c) => c.primaryKey())
        .addColumn('certificate_id', 'text')
        .addColumn('named', 'text')
        .addColumn('cause', 'text', (c) => c.notNull())
        .addColumn('statement', 'text', (c) => c.notNull())
        .addColumn('mail', 'text', (c) => c.notNull())
        .addColumn('requested_at', 'text', (c) => c.notNull())
        .addColumn('due_at', 'text', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('note', 'text')
        .addColumn('decided_by', 'text')
        .addColumn('updated_at', 'text', (c) => c.notNull()),
  },
  indexes: [
    { table: 'certificates', columns: ['user_id'] },
    { table: 'certificates', columns: ['account_id'] },
    { table: 'certificates', columns: ['serial'] },
    { table: 'certificates', columns: ['tenant', 'not_before'] },
    { table: 'certificates', columns: ['not_before', 'certificate_id'] },
    { table: 'requests', columns: ['certificate_id'] },
    { table: 'requests', columns: ['status', 'requested_at'] },
  ],
};
