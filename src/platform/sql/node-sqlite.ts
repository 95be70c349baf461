import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import type { Direct } from './prepared.js';

const STATEMENTS_REMEMBERED_MAX = 500;

/** SQLite has no booleans and its driver refuses them; PostgreSQL takes the same queries as they are. */
const bound = (values: ReadonlyArray<unknown>): SQLInputValue[] =>
  values.map((value) => (typeof value === 'boolean' ? Number(value) : (value as SQLInputValue)));

type Row = Record<string, unknown>;

/** Rows come as plain lists and get their names here: as the driver names them, a row costs three times as much to use. */
const statementOf = (statement: StatementSync, first: () => void): SqliteStatement => {
  let names = namesOf(statement);
  statement.setReturnArrays(true);
  const named = (values: readonly unknown[]): Row => {
    // Another process may have added a column since.
    if (values.length !== names.length) names = namesOf(statement);
    const row: Row = {};
    for (let n = 0; n < names.length; n += 1) row[names[n]!] = values[n];
    return row;
  };
  return {
    reader: names.length > 0,
    all: (values) => {
      first();
      return (statement.all(...bound(values)) as unknown as unknown[][]).map(named);
    },
    run: (values) => {
      first();
      return statement.run(...bound(values));
    },
    *iterate(values) {
      first();
      for (const row of statement.iterate(...bound(values)) as Iterable<unknown>) yield named(row as unknown[]);
    },
  };
};

const namesOf = (statement: StatementSync): readonly string[] => statement.columns().map(({ name }) => name);

const connected = (database: DatabaseSync, first: () => void): SqliteDatabase => {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = statementOf(database.prepare(sql), first);
      if (statements.size >= STATEMENTS_REMEMBERED_MAX) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
    close: () => database.close(),
  };
};

const BUSY_MS = 5_000;
const open = (file: string, readOnly: boolean): DatabaseSync => new DatabaseSync(file, { readOnly, timeout: BUSY_MS });

/** Node's own SQLite in the shape that Kysely's SQLite dialect asks for: one connection that writes and one that reads. */
export const nodeSqlite = (
  file: string,
): Readonly<{ writer: SqliteDatabase; reader: SqliteDatabase; read: Direct }> => {
  const write = open(file, false);
  // What is lost with the last moments before a power cut is built again from the events; see `durable`.
  write.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  // Of the same age as the writer, which has made the file.
  const read = open(file, true);
  const moment = momentOf(read);
  const keepLogShort = shortLogOf(write, `${file}-wal`);
  const writer = connected(write, () => {
    // Whoever reads after a change sees it.
    moment.end();
    keepLogShort();
  });
  const reader = connected(read, () => undefined);
  const direct = directOf(reader);
  return {
    writer,
    reader: { ...reader, close: () => (moment.end(), reader.close()) },
    read: (sql, values) => {
      moment.begin();
      return direct(sql, values);
    },
  };
};

const LOG_MAX_BYTES = 16 * 1024 * 1024;
const LOOKED_AT_EVERY = 256;
/** Longer than anybody reads within a turn; whoever reads longer, as a backup does, is not waited for. */
const READERS_WAITED_FOR_MS = 100;

/**
 * SQLite begins its log again only where nobody reads when a change begins. While one thread reads in each of its turns and
 * another one writes that moment may never come, and the log would grow for as long as both are busy.
 */
const shortLogOf = (database: DatabaseSync, log: string): (() => void) => {
  let changes = 0;
  return () => {
    changes += 1;
    if (changes < LOOKED_AT_EVERY || database.isTransaction) return;
    changes = 0;
    if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) <= LOG_MAX_BYTES) return;
    database.exec(`PRAGMA busy_timeout = ${READERS_WAITED_FOR_MS}`);
    try {
      // In vain where somebody reads for longer; it is tried again a few changes later.
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    }
  };
};

/**
 * All who read in one turn of the event loop read one state of the rows: to begin and end a read takes the system longer
 * than to do it. Nothing is read later than in its turn, and what this process changes ends it; what another changes is
 * seen from the next turn on.
 */
const momentOf = (database: DatabaseSync): Readonly<{ begin: () => void; end: () => void }> => {
  const [begin, commit] = [database.prepare('begin'), database.prepare('commit')];
  let isOpen = false;
  let endsByItself = false;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    // What went wrong within it may have ended it.
    if (database.isTransaction) commit.run();
  };
  return {
    end,
    begin: () => {
      if (isOpen) return;
      begin.run();
      isOpen = true;
      if (endsByItself) return;
      endsByItself = true;
      setImmediate(() => {
        endsByItself = false;
        end();
      });
    },
  };
};

/** The same connection and statements without the layers between. */
export const directOf =
  (database: SqliteDatabase): Direct =>
  (sql, values) => {
    const statement = database.prepare(sql);
    if (statement.reader) return statement.all(values);
    statement.run(values);
    return [];
  };
