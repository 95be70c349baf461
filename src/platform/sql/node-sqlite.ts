import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import type { Direct } from './prepared.js';

const STATEMENTS_REMEMBERED_MAX = 500;

/** SQLite has no booleans and its driver refuses them; PostgreSQL takes the same queries as they are. */
const bound = (values: ReadonlyArray<unknown>): SQLInputValue[] =>
  values.map((value) => (typeof value === 'boolean' ? Number(value) : (value as SQLInputValue)));

const statementOf = (statement: StatementSync): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: (values) => statement.all(...bound(values)),
  run: (values) => statement.run(...bound(values)),
  iterate: (values) => statement.iterate(...bound(values)) as IterableIterator<unknown>,
});

/** Node's own SQLite, in the shape that Kysely's SQLite dialect asks for. */
export const nodeSqlite = (file: string, { readOnly = false } = {}): SqliteDatabase => {
  const database = new DatabaseSync(file, { readOnly, timeout: 5_000 });
  // What is lost with the last moments before a power cut is built again from the events; see `durable`.
  if (!readOnly) database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = statementOf(database.prepare(sql));
      if (statements.size >= STATEMENTS_REMEMBERED_MAX) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
    close: () => database.close(),
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
