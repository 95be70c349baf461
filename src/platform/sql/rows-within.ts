import type { Kysely, RawBuilder, SelectQueryBuilder } from 'kysely';
import { jsonArrayFrom as onPostgres } from 'kysely/helpers/postgres';
import { jsonArrayFrom as onSqlite } from 'kysely/helpers/sqlite';
import { isPostgres } from './table-names.js';

/** Rows of another query as one value of a row, in their order; each names its columns. A query less is a read less to begin. */
export const rowsWithin = <Tables, Row>(
  db: Kysely<Tables>,
  query: SelectQueryBuilder<Tables, keyof Tables, Row>,
): RawBuilder<Row[] | string> =>
  (isPostgres(db) ? onPostgres(query) : onSqlite(query)) as unknown as RawBuilder<Row[] | string>;

/** PostgreSQL has a type for them; SQLite has text. */
export const rowsFrom = <Row>(value: Row[] | string): Row[] =>
  value === '[]' ? [] : typeof value === 'string' ? (JSON.parse(value) as Row[]) : value;
