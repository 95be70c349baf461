import { type Kysely, sql } from 'kysely';
import type { Database } from '../sql/database.js';
import { migrate, type Step } from '../sql/migrations.js';
import { tableNames } from '../sql/table-names.js';
import type { Undecodable } from '../event-store/event-store.js';
import type { Position } from '../event-store/recorded.js';
import { type AnyTables, prefixOf, type ProjectionDefinition } from './definition.js';

export type Generation = Readonly<{
  name: string;
  generation: number;
  version: number;
  position: Position | null;
  live: number;
}>;

export type Request = Readonly<{ name: string; requested_at: string }>;

type Bookkeeping = {
  projection_generations: {
    name: string;
    generation: number;
    version: number;
    position: string | null;
    live: number;
    /** Set when the rows held everything that there was for the first time. */
    built_at: string | null;
  };
  projection_requests: { name: string; requested_at: string };
  parked_events: {
    sink: string;
    event_id: string;
    type: string;
    stream: string;
    revision: number;
    fault: string;
    parked_at: string;
  };
};

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('projection_generations')
        .ifNotExists()
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('generation', 'integer', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('position', 'text')
        .addColumn('live', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('projection_generations_pk', ['name', 'generation'])
        .execute();
      await tx.schema
        .createTable('projection_requests')
        .ifNotExists()
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('requested_at', 'text', (c) => c.notNull())
        .execute();
      await tx.schema
        .createTable('parked_events')
        .ifNotExists()
        .addColumn('sink', 'text', (c) => c.notNull())
        .addColumn('event_id', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('stream', 'text', (c) => c.notNull())
        .addColumn('revision', 'bigint', (c) => c.notNull())
        .addColumn('fault', 'text', (c) => c.notNull())
        .addColumn('parked_at', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('parked_events_pk', ['sink', 'event_id'])
        .execute();
    },
  },
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema.alterTable('projection_generations').addColumn('built_at', 'text').execute();
    },
  },
];

/** Which tables hold which read model: a rebuild fills new ones beside the old and then takes their place. */
export class Generations {
  private readonly db: Kysely<Bookkeeping>;

  constructor(database: Database<AnyTables>) {
    this.db = database.write as Kysely<Bookkeeping>;
  }

  prepare(): Promise<void> {
    return migrate(this.db, 'projections', STEPS);
  }

  all(name: string): Promise<Generation[]> {
    return this.db
      .selectFrom('projection_generations')
      .selectAll()
      .where('name', '=', name)
      .orderBy('generation')
      .execute();
  }

  async create(
    { name, version, tables, indexes = [] }: ProjectionDefinition,
    generation: number,
    live: boolean,
  ): Promise<Generation> {
    const row = { name, generation, version, position: null, live: Number(live), built_at: null };
    const prefix = prefixOf(name, generation);
    await this.db.transaction().execute(async (tx) => {
      for (const [table, describe] of Object.entries(tables)) {
        await describe(tx.schema.createTable(prefix + table)).execute();
      }
      await tx.schema
        .createTable(`${prefix}streams`)
        .addColumn('stream', 'text', (c) => c.primaryKey())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .execute();
      for (const { table, columns, unique = false } of indexes) {
        const index = tx.schema
          .createIndex(`${prefix}${table}_${columns.join('_')}`)
          .on(prefix + table)
          .columns([...columns]);
        await (unique ? index.unique() : index).execute();
      }
      await tx.insertInto('projection_generations').values(row).execute();
    });
    return row;
  }

  /** The new rows take the place of the old ones in one step; whoever reads sees one or the other. */
  async promote({ name, tables }: ProjectionDefinition, generation: number): Promise<void> {
    await this.db.transaction().execute(async (tx) => {
      const old = tx.selectFrom('projection_generations').selectAll().where('name', '=', name);
      for (const row of await old.where('generation', '!=', generation).execute()) {
        for (const table of [...Object.keys(tables), 'streams']) {
          await tx.schema
            .dropTable(prefixOf(name, row.generation) + table)
            .ifExists()
            .execute();
        }
      }
      await tx
        .deleteFrom('projection_generations')
        .where('name', '=', name)
        .where('generation', '!=', generation)
        .execute();
      const row = tx.updateTable('projection_generations').set({ live: 1 });
      await row.where('name', '=', name).where('generation', '=', generation).execute();
    });
  }

  /** Takes all rows of a read model away, whoever built them; the next projector builds them from the events. */
  async discard(name: string): Promise<number> {
    const generations = await this.all(name);
    const tables = await tableNames(this.db);
    await this.db.transaction().execute(async (tx) => {
      for (const { generation } of generations) {
        const prefix = prefixOf(name, generation);
        for (const table of tables.filter((table) => table.startsWith(prefix)))
          await tx.schema.dropTable(table).execute();
      }
      await tx.deleteFrom('projection_generations').where('name', '=', name).execute();
    });
    return generations.length;
  }

  /** From now on other processes may answer from these rows. */
  async noteBuilt(name: string, generation: number, now: Date): Promise<void> {
    const row = this.db.updateTable('projection_generations').set({ built_at: now.toISOString() });
    await row.where('name', '=', name).where('generation', '=', generation).where('built_at', 'is', null).execute();
  }

  async park(sink: string, { id, type, stream, revision, fault }: Undecodable, now: Date): Promise<void> {
    const row = { sink, event_id: id, type, stream, revision, fault, parked_at: now.toISOString() };
    await this.db
      .insertInto('parked_events')
      .values(row)
      .onConflict((c) => c.doNothing())
      .execute();
  }

  /** Asked for again while it is being built, it is built once more. */
  async request(name: string, now: Date): Promise<void> {
    const requested_at = now.toISOString();
    await this.db
      .insertInto('projection_requests')
      .values({ name, requested_at })
      .onConflict((c) => c.column('name').doUpdateSet({ requested_at }))
      .execute();
  }

  requests(names: readonly string[]): Promise<Request[]> {
    const mine = this.db.selectFrom('projection_requests').selectAll();
    return mine.where('name', 'in', [...names]).execute();
  }

  /** Only when the work is done: who dies before finds the request again. */
  async fulfilled({ name, requested_at }: Request): Promise<void> {
    const request = this.db.deleteFrom('projection_requests').where('name', '=', name);
    await request.where('requested_at', '=', requested_at).execute();
  }

  /** All its events are about to be tried again, and those that cannot be handled are put aside again. */
  async forgetParked(sink: string): Promise<void> {
    await this.db.deleteFrom('parked_events').where('sink', '=', sink).execute();
  }
}

export const countParked = async (database: Database<AnyTables>): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from parked_events`.execute(database.read);
  return Number(rows[0]!.n);
};
