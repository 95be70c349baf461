import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '../sql/database.js';
import { prepared } from '../sql/prepared.js';
import { type AnyTables, type LiveRows, prefixOf, type ProjectionDefinition } from './definition.js';

/** The rows that a caller asked for are not there yet; the answer is to come back. */
export class ReadModelBehind extends Error {
  override readonly name = 'ReadModelBehind';
}

type Bookkept = {
  projection_generations: {
    name: string;
    generation: number;
    version: number;
    position: string | null;
    live: number;
    built_at: string | null;
  };
};
type Named = Pick<ProjectionDefinition, 'name' | 'version'>;
type Streams = Record<string, { stream: string; version: number }>;

/** For a query that asks for the revision together with what it is the revision of. */
export const shownVersion = ({ db, table }: LiveRows, stream: string) =>
  (db as Kysely<Streams>).selectFrom(table('streams')).select('version').where('stream', '=', stream);

const streamVersion = prepared(shownVersion);

const GENERATION_REMEMBERED_MS = 200;
const POLL_MS = 5;
export const WAIT_MAX_MS = 2_000;

type Known = Readonly<{ generation: number; rows: LiveRows; until: number }>;

/** The way to the rows. Readers learn of a finished rebuild within a moment, and old tables stay until then. */
export class ReadModels {
  private readonly known = new WeakMap<Named, Known>();

  constructor(private readonly database: Database<AnyTables>) {}

  /** Runs a query, once more if a rebuild took the tables away in between. */
  async query<T>(definition: Named, run: (rows: LiveRows) => Promise<T>): Promise<T> {
    const remembered = this.known.get(definition);
    const asked = remembered && remembered.until > performance.now() ? remembered : await this.look(definition);
    try {
      return await run(asked.rows);
    } catch (error) {
      const now = await this.look(definition);
      if (now.generation === asked.generation) throw error;
      return run(now.rows);
    }
  }

  /** Waits, but not for long, until the rows hold the stream's revision. */
  async untilVersion(definition: Named, stream: string, minVersion: number): Promise<void> {
    if (minVersion < 0) return;
    const deadline = performance.now() + WAIT_MAX_MS;
    while ((await this.versionOf(definition, stream)) < minVersion) {
      if (performance.now() > deadline) throw new ReadModelBehind(`${definition.name} has not reached ${minVersion}`);
      await wait(POLL_MS);
    }
  }

  /** The revision of a stream that the rows show; -1 where they show none of it. */
  versionOf(definition: Named, stream: string): Promise<number> {
    return this.query(definition, async (rows) => (await streamVersion(rows, stream))[0]?.version ?? -1);
  }

  /** The same of many; streams of which the rows show nothing are left out. */
  versionsOf(definition: Named, streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (streams.length === 0) return Promise.resolve(new Map());
    return this.query(definition, async ({ db, table }) => {
      const rows = (db as Kysely<Streams>).selectFrom(table('streams')).selectAll();
      const found = await rows.where('stream', 'in', [...streams]).execute();
      return new Map(found.map(({ stream, version }) => [stream, version]));
    });
  }

  /** Whether some process has built these rows to the end at least once. */
  async isBuilt({ name, version }: Named): Promise<boolean> {
    const rows = (this.database.read as Kysely<Bookkept>).selectFrom('projection_generations').select('built_at');
    const live = await rows
      .where('name', '=', name)
      .where('version', '=', version)
      .where('live', '=', 1)
      .executeTakeFirst();
    return (live?.built_at ?? null) !== null;
  }

  /** Where each live read model stands: another value means that its rows may have changed. */
  async positions(): Promise<ReadonlyMap<string, string>> {
    const live = (this.database.read as Kysely<Bookkept>).selectFrom('projection_generations').selectAll();
    const rows = await live.where('live', '=', 1).execute();
    return new Map(rows.map(({ name, generation, position }) => [name, `${generation}:${position ?? ''}`]));
  }

  private async look(definition: Named): Promise<Known> {
    const { name, version } = definition;
    const rows = (this.database.read as Kysely<Bookkept>).selectFrom('projection_generations').select('generation');
    const live = await rows
      .where('name', '=', name)
      .where('version', '=', version)
      .where('live', '=', 1)
      .executeTakeFirst();
    if (!live) throw new ReadModelBehind(`${name} is being built`);
    const before = this.known.get(definition);
    const { generation } = live;
    const known = {
      generation,
      // The same for as long as the tables are: prepared queries know them by it.
      rows: before?.generation === generation ? before.rows : this.rowsOf(name, generation),
      until: performance.now() + GENERATION_REMEMBERED_MS,
    };
    this.known.set(definition, known);
    return known;
  }

  private rowsOf(name: string, generation: number): LiveRows {
    const prefix = prefixOf(name, generation);
    const { read, direct } = this.database;
    return { db: read, table: (table) => prefix + table, direct: direct?.read ?? null };
  }
}
