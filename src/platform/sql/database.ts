import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresDialect, sql, SqliteDialect } from 'kysely';
import pg from 'pg';
import { directOf, nodeSqlite } from './node-sqlite.js';
import { postgresPool } from './postgres-pool.js';
import type { Direct } from './prepared.js';

export type DatabaseTarget =
  Readonly<{ kind: 'sqlite'; file: string; durable: boolean }> | Readonly<{ kind: 'postgres'; url: string }>;

/**
 * One query code for both. On SQLite readers have a connection of their own, so that a long transaction of
 * the writer does not stand in their way.
 */
export type Database<Tables> = Readonly<{
  kind: DatabaseTarget['kind'];
  write: Kysely<Tables>;
  read: Kysely<Tables>;
  /** For prepared queries; null where the database is another process. */
  direct: Readonly<{ write: Direct; read: Direct }> | null;
  ping: () => Promise<void>;
  close: () => Promise<void>;
}>;

// Counts and revisions fit a double; as strings they would compare unequal to SQLite's numbers.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export const openDatabase = async <Tables>(target: DatabaseTarget): Promise<Database<Tables>> => {
  const { write, read, direct } =
    target.kind === 'sqlite' ? openSqlite<Tables>(target) : openPostgres<Tables>(target.url);
  const ping = async () => void (await sql`select 1`.execute(read));
  await sql`select 1`.execute(write);
  // What must outlive a power cut is on the disk before it is answered.
  if (target.kind === 'sqlite' && target.durable) await sql`pragma synchronous = full`.execute(write);
  // Kysely closes only a connection that it has used.
  await ping();
  const close = async () => {
    await write.destroy();
    if (read !== write) await read.destroy();
  };
  return { kind: target.kind, write, read, direct, ping, close };
};

const openSqlite = <Tables>({ file }: { file: string }) => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { writer, reader, read: directRead } = nodeSqlite(file);
  const write = new Kysely<Tables>({ dialect: new SqliteDialect({ database: writer }) });
  const read = new Kysely<Tables>({ dialect: new SqliteDialect({ database: reader }) });
  return { write, read, direct: { write: directOf(writer), read: directRead } };
};

const openPostgres = <Tables>(connectionString: string) => {
  const both = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: postgresPool(connectionString) }) });
  return { write: both, read: both, direct: null };
};
