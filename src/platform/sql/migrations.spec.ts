import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import type { Database } from './database.js';
import { migrate, NewerSchema, type Step } from './migrations.js';
import { tableNames } from './table-names.js';

const tables = async ({ read }: Database<unknown>): Promise<string[]> =>
  (await tableNames(read)).filter((name) => name.startsWith('pets')).sort();

const step = (kind: Step['kind'], statement: string): Step => ({
  kind,
  up: async (tx) => void (await sql.raw(statement).execute(tx)),
});
const first = step('expand', 'CREATE TABLE pets (name TEXT)');
const second = step('expand', 'ALTER TABLE pets ADD COLUMN kind TEXT');
const third = step('contract', 'ALTER TABLE pets DROP COLUMN name');

onEveryDatabase('a migration', (open) => {
  let database: Database<unknown>;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  const columns = async (): Promise<string[]> => {
    const found =
      database.kind === 'sqlite'
        ? sql<{ name: string }>`select name from pragma_table_info('pets')`
        : sql<{ name: string }>`select column_name as name from information_schema.columns
            where table_name = 'pets' and table_schema = current_schema() order by ordinal_position`;
    return (await found.execute(database.read)).rows.map(({ name }) => name);
  };

  it('that fails half-way changes nothing', async () => {
    const wrong = step('expand', 'CREATE TABLE pets (no such thing at all)');
    await expect(migrate(database.write, 'pets', [first, wrong])).rejects.toThrow();
    expect(await tables(database)).toEqual([]);
  });

  it('is carried out once, however many processes start at a time', async () => {
    await Promise.all(Array.from({ length: 5 }, () => migrate(database.write, 'pets', [first])));
    expect(await columns()).toEqual(['name']);
    await migrate(database.write, 'others', [step('expand', 'CREATE TABLE pets_of_others (x INT)')]);
    expect(await tables(database)).toEqual(['pets', 'pets_of_others']);
  });

  it('leaves the program of before at work as long as it only adds', async () => {
    await migrate(database.write, 'pets', [first, second]);
    expect(await columns()).toEqual(['name', 'kind']);
    await migrate(database.write, 'pets', [first]);
    // The older program must not make the newer one repeat its step.
    await migrate(database.write, 'pets', [first, second]);
  });

  it('stops the program of before once it takes away', async () => {
    await migrate(database.write, 'pets', [first, second, third]);
    expect(await columns()).toEqual(['kind']);
    for (const older of [[first], [first, second]])
      await expect(migrate(database.write, 'pets', older)).rejects.toThrow(
        new NewerSchema(
          `the tables of pets have schema 3, which this program (schema ${older.length}) cannot read: start the newer program`,
        ),
      );
    expect(await columns()).toEqual(['kind']);
  });
});
