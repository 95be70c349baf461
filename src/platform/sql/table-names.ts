import { type Kysely, PostgresAdapter, sql } from 'kysely';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whichever tables there are
type AnyTables = any;

export const isPostgres = (db: Kysely<AnyTables>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/** The tables that a plain name reaches: on PostgreSQL those of the first schema of the search path, never a neighbour's. */
export const tableNames = async (db: Kysely<AnyTables>): Promise<readonly string[]> => {
  const names = isPostgres(db)
    ? sql<{ name: string }>`select tablename as name from pg_tables where schemaname = current_schema()`
    : sql<{ name: string }>`select name from sqlite_schema where type = 'table'`;
  return (await names.execute(db)).rows.map(({ name }) => name);
};
