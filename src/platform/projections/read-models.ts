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

const streamVersion = prepared(({ db, table }: LiveRows, stream: string) =>
  (db as Kysely<Streams>).selectFrom(table('streams')).select('version').where('stream', '=', stream),
);

const GENERATION_REMEMBERED_MS = 200;
const POLL_MS = 5;
export const WAIT_MAX_MS = 2_000;

const keyOf = ({ name, version }: Named): string => `${name}@${version}`;

/** The way to the rows. Readers learn of a finished rebuild within a moment, and old tables stay until then. */
export class ReadModels {
  private readonly known = new Map<string, Readonly<{ generation: number; until: number }>>();

  constructor(private readonly database: Database<AnyTables>) {}

  async rowsOf(definition: Named): Promise<LiveRows> {
    const prefix = prefixOf(definition.name, await this.generationOf(definition));
    const { read, direct } = this.database;
    return { db: read, table: (table) => prefix + table, direct: direct?.read ?? null };
  }

  /** Runs a query, once more if a rebuild took the tables away in between. */
  async query<T>(definition: Named, run: (rows: LiveRows) => Promise<T>): Promise<T> {
    try {
      return await run(await this.rowsOf(definition));
    } catch (error) {
      const before = this.known.get(keyOf(definition));
      this.known.delete(keyOf(definition));
      if ((await this.generationOf(definition)) === before?.generation) throw error;
      return run(await this.rowsOf(definition));
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

  private async generationOf(definition: Named): Promise<number> {
    const { name, version } = definition;
    const known = this.known.get(keyOf(definition));
    if (known && known.until > performance.now()) return known.generation;
    const rows = (this.database.read as Kysely<Bookkept>).selectFrom('projection_generations').select('generation');
    const live = await rows
      .where('name', '=', name)
      .where('version', '=', version)
      .where('live', '=', 1)
      .executeTakeFirst();
    if (!live) throw new ReadModelBehind(`${name} is being built`);
    this.known.set(keyOf(definition), {
      generation: live.generation,
      until: performance.now() + GENERATION_REMEMBERED_MS,
    });
    return live.generation;
  }
}
