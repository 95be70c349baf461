import type { Kysely } from 'kysely';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';

export type ApplicationRow = {
  application_id: string;
  status: string;
  applicant_type: string | null;
  company_code: string | null;
  ticket_id: string | null;
  term_years: number | null;
  applicant_mail: string | null;
  /** The partner whose user is to be certified; null until the details are submitted. */
  holder_tenant: string | null;
  holder_user_id: string | null;
  holder_name: string | null;
  holder_mail: string | null;
  /** The form as it was submitted, as JSON. */
  details: string | null;
  document_id: string | null;
  document_name: string | null;
  document_type: string | null;
  document_bytes: number | null;
  document_sha256: string | null;
  /** The link that the application waits for, and until when. */
  link_id: string | null;
  link_expires_at: string | null;
  review_due_at: string | null;
  review_started_at: string | null;
  overdue_since: string | null;
  verifier: string | null;
  verified_at: string | null;
  issuance_ordered_at: string | null;
  certificate_id: string | null;
  serial: string | null;
  not_before: string | null;
  not_after: string | null;
  /** Why it ended without a certificate, in the words of whoever ended it. */
  reason: string | null;
  registered_at: string | null;
  waiting_since: string;
  updated_at: string;
};
/** Who of the staff has looked at which identity document. */
type SeenRow = { document_id: string; viewer_id: string };
export type ApplicationTables = { applications: ApplicationRow; application_documents_seen: SeenRow };

export const applicationsOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<ApplicationTables>,
  raw: <N extends keyof ApplicationTables>(name: N) => table(name) as N,
});

const TEXTS = [
  'applicant_type',
  'company_code',
  'ticket_id',
  'applicant_mail',
  'holder_tenant',
  'holder_user_id',
  'holder_name',
  'holder_mail',
  'details',
  'document_id',
  'document_name',
  'document_type',
  'document_sha256',
  'link_id',
  'link_expires_at',
  'review_due_at',
  'review_started_at',
  'overdue_since',
  'verifier',
  'verified_at',
  'issuance_ordered_at',
  'certificate_id',
  'serial',
  'not_before',
  'not_after',
  'reason',
  'registered_at',
] as const;

/** Of an application that has only begun. */
export const nothingKnown = {
  ...(Object.fromEntries(TEXTS.map((column) => [column, null])) as { [C in (typeof TEXTS)[number]]: null }),
  term_years: null,
  document_bytes: null,
};

export const applicationTables: Pick<ProjectionDefinition, 'tables' | 'indexes'> = {
  tables: {
    applications: (t) => {
      const keyed = t
        .addColumn('application_id', 'text', (c) => c.primaryKey())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('term_years', 'integer')
        .addColumn('document_bytes', 'integer')
        .addColumn('waiting_since', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull());
      return TEXTS.reduce<ReturnType<typeof keyed.addColumn>>(
        (table, column) => table.addColumn(column, 'text'),
        keyed,
      );
    },
    application_documents_seen: (t) =>
      t.addColumn('document_id', 'text', (c) => c.notNull()).addColumn('viewer_id', 'text', (c) => c.notNull()),
  },
  indexes: [
    { table: 'application_documents_seen', columns: ['document_id', 'viewer_id'], unique: true },
    { table: 'applications', columns: ['status', 'waiting_since'] },
    { table: 'applications', columns: ['holder_tenant', 'registered_at'] },
  ],
};
