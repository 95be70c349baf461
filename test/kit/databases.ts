import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../src/platform/sql/database.js';
import { describeWhen } from './describe-when.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each suite names its own tables
type Any = any;

const freshSqlite = () =>
  openDatabase<Any>({ kind: 'sqlite', file: join(tmpdir(), `shomei-${randomUUID()}`, 'test.sqlite'), durable: false });

const freshPostgres = async (url: string) => {
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = await openDatabase<Any>({ kind: 'postgres', url });
  await sql`create schema ${sql.id(schema)}`.execute(admin.write);
  const opened = await openDatabase<Any>({
    kind: 'postgres',
    url: `${url}${url.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema}`,
  });
  return {
    ...opened,
    close: async () => {
      await opened.close();
      await sql`drop schema ${sql.id(schema)} cascade`.execute(admin.write);
      await admin.close();
    },
  };
};

/** One suite over every database that the product runs on; PostgreSQL where DATABASE_URL names one. */
export const onEveryDatabase = (title: string, suite: (open: () => Promise<Database<Any>>) => void): void => {
  const url = process.env['DATABASE_URL'];
  describe(`${title} on SQLite`, () => suite(freshSqlite));
  describeWhen(url !== undefined, `${title} on PostgreSQL`, () => suite(() => freshPostgres(url!)));
};
