import type { Kysely } from 'kysely';
import { loginIdOf } from '../../src/kernel/actor.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { LiveRows, ProjectionDefinition, Rows } from '../../src/platform/projections/definition.js';
import { prepared } from '../../src/platform/sql/prepared.js';

/** One line for each executed command and each refusal that left an event behind. */
export type LineRow = {
  line_id: string;
  at: string;
  service: string;
  tenant: string;
  actor_kind: string;
  actor_id: string;
  actor_name: string;
  actor_login_id: string;
  on_behalf_of: string | null;
  on_behalf_of_kind: string | null;
  operation: string;
  result: 'success' | 'refused';
  code: string | null;
  correlation_id: string;
  client_address: string | null;
  /** What the command recorded, in order: type and facts of each event. */
  events: string;
};
export type TargetRow = { line_id: string; target_id: string };
export type HistoryTables = { lines: LineRow; targets: TargetRow };

export const historyOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<HistoryTables>,
  raw: <N extends keyof HistoryTables>(name: N) => table(name) as N,
});

/** The fields by which somebody would look for what happened to a thing. */
const TARGETS = [
  'applicationId',
  'ticketId',
  'clientCode',
  'companyCode',
  'vendorCode',
  'groupId',
  'accountId',
  'userId',
  'acceptanceNumber',
  'materialId',
  'procedureId',
  'staffId',
  'certificateId',
  'requestId',
  'serial',
  'loginId',
  'tokenId',
  'target',
  'parkedId',
  'eventId',
  'purchaseId',
  'orderNo',
  'invoiceNo',
  'notificationId',
  'processId',
];

/** Names of vault entries say nothing to a reader, and where secrets lie is nobody's business. */
const HIDDEN = ['credentialId', 'replacedCredentialId', 'accessId', 'device', 'keyId'];

const targetsOf = (data: Readonly<Record<string, unknown>>): string[] => {
  const named = TARGETS.map((field) => data[field]).filter((value) => typeof value === 'string');
  return [...new Set(named)];
};

const shown = ({ type, data }: Recorded): unknown => ({
  type,
  data: Object.fromEntries(Object.entries(data as object).filter(([field]) => !HIDDEN.includes(field))),
});

const lineOf = (event: Recorded): LineRow => {
  const { metadata: m, type } = event;
  // A refusal at the edge reached no decider; its line says what was asked for, not how it was written down.
  const attempt = type === 'identity.OperationRefused' ? (event.data as { operation: string; code: string }) : null;
  const code = attempt?.code ?? m.refused?.code ?? null;
  return {
    line_id: m.$causationId,
    at: m.occurredAt,
    service: m.service,
    tenant: m.tenant,
    actor_kind: m.actor.kind,
    actor_id: m.actor.id,
    actor_name: m.actor.name,
    actor_login_id: loginIdOf(m.actor),
    on_behalf_of: m.onBehalfOf?.id ?? null,
    on_behalf_of_kind: m.onBehalfOf?.kind ?? null,
    operation: attempt?.operation ?? m.operation,
    result: code === null ? 'success' : 'refused',
    code,
    correlation_id: m.$correlationId,
    client_address: m.clientAddress,
    events: JSON.stringify([shown(event)]),
  };
};

const eventsOf = prepared((rows: Rows, line_id: string) => {
  const { db, raw } = historyOf(rows);
  return db.selectFrom(raw('lines')).select('events').where('line_id', '=', line_id);
});

const changeEvents = prepared((rows: Rows, line_id: string, events: string) => {
  const { db, raw } = historyOf(rows);
  return db.updateTable(raw('lines')).set({ events }).where('line_id', '=', line_id);
});

const COLUMNS = [
  'line_id',
  'at',
  'service',
  'tenant',
  'actor_kind',
  'actor_id',
  'actor_name',
  'actor_login_id',
  'on_behalf_of',
  'on_behalf_of_kind',
  'operation',
  'result',
  'code',
  'correlation_id',
  'client_address',
  'events',
] as const satisfies readonly (keyof LineRow)[];

const addLine = prepared((rows: Rows, ...values: readonly unknown[]) => {
  const { db, raw } = historyOf(rows);
  const row = Object.fromEntries(COLUMNS.map((column, index) => [column, values[index]])) as LineRow;
  return db.insertInto(raw('lines')).values(row);
});

const addTarget = prepared((rows: Rows, line_id: string, target_id: string) => {
  const { db, raw } = historyOf(rows);
  return db
    .insertInto(raw('targets'))
    .values({ line_id, target_id })
    .onConflict((c) => c.doNothing());
});

const apply = async (event: Recorded, rows: Rows): Promise<void> => {
  const line_id = event.metadata.$causationId;
  const [known] = await eventsOf(rows, line_id);
  if (known) {
    const events = JSON.stringify([...(JSON.parse(known.events) as unknown[]), shown(event)]);
    await changeEvents(rows, line_id, events);
  } else {
    const line = lineOf(event);
    await addLine(rows, ...COLUMNS.map((column) => line[column]));
  }
  for (const target_id of targetsOf(event.data)) await addTarget(rows, line_id, target_id);
};

export const operationHistory: ProjectionDefinition = {
  name: 'operation-history',
  version: 6,
  typePrefixes: [
    'applications.',
    'audit.',
    'certificates.',
    'client-portal.',
    'identity.',
    'notifications.',
    'operations.',
    'partners.',
    'tickets.',
  ],
  tables: {
    lines: (t) =>
      t
        .addColumn('line_id', 'text', (c) => c.primaryKey())
        .addColumn('at', 'text', (c) => c.notNull())
        .addColumn('service', 'text', (c) => c.notNull())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('actor_kind', 'text', (c) => c.notNull())
        .addColumn('actor_id', 'text', (c) => c.notNull())
        .addColumn('actor_name', 'text', (c) => c.notNull())
        .addColumn('actor_login_id', 'text', (c) => c.notNull())
        .addColumn('on_behalf_of', 'text')
        .addColumn('on_behalf_of_kind', 'text')
        .addColumn('operation', 'text', (c) => c.notNull())
        .addColumn('result', 'text', (c) => c.notNull())
        .addColumn('code', 'text')
        .addColumn('correlation_id', 'text', (c) => c.notNull())
        .addColumn('client_address', 'text')
        .addColumn('events', 'text', (c) => c.notNull()),
    targets: (t) =>
      t.addColumn('line_id', 'text', (c) => c.notNull()).addColumn('target_id', 'text', (c) => c.notNull()),
  },
  indexes: [
    { table: 'lines', columns: ['tenant', 'at'] },
    { table: 'lines', columns: ['at'] },
    { table: 'lines', columns: ['correlation_id'] },
    { table: 'targets', columns: ['target_id'] },
    { table: 'targets', columns: ['line_id', 'target_id'], unique: true },
  ],
  apply,
};
