import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import type { Database } from './database.js';
import { type Place, prepared } from './prepared.js';

type Pet = { name: string; age: number | null; fed: number };
type Tables = Record<string, Pet>;

let built = 0;
const add = prepared(({ db, table }: Place, name: string, age: number | null) =>
  (db as Kysely<Tables>).insertInto(table('pets')).values({ name, age, fed: 0 }),
);
const older = prepared(({ db, table }: Place, than: number, limit: number) => {
  built += 1;
  const pets = (db as Kysely<Tables>).selectFrom(table('pets')).select(['name', 'age']);
  return pets.where('age', '>', than).where('fed', '=', 0).orderBy('age').limit(limit);
});

onEveryDatabase('a prepared query', (open) => {
  let database: Database<Tables>;
  const places = (prefix: string): readonly Place[] => {
    const { write, read, direct } = database;
    const table = (name: string) => prefix + name;
    return [
      { db: write, table, direct: direct?.write ?? null },
      { db: read, table, direct: direct?.read ?? null },
      // By way of the query builder, as a database elsewhere is asked.
      { db: read, table },
    ];
  };
  beforeAll(async () => {
    database = await open();
    for (const table of ['a_pets', 'b_pets'])
      await database.write.schema
        .createTable(table)
        .addColumn('name', 'text')
        .addColumn('age', 'integer')
        .addColumn('fed', 'integer')
        .execute();
  });
  afterAll(() => database.close());

  it('takes its arguments anew each time, also null', async () => {
    const [writer] = places('a_');
    for (const [name, age] of [['Aki', 3] as const, ['Beni', 5] as const, ['Chika', null] as const])
      await add(writer!, name, age);
    for (const place of places('a_')) {
      expect(await older(place, 1, 9)).toEqual([
        { name: 'Aki', age: 3 },
        { name: 'Beni', age: 5 },
      ]);
      expect(await older(place, 3, 9)).toEqual([{ name: 'Beni', age: 5 }]);
      expect(await older(place, 1, 1)).toEqual([{ name: 'Aki', age: 3 }]);
    }
  });

  it('is built once for each set of tables, and knows one from the other', async () => {
    const [writer] = places('b_');
    await add(writer!, 'Dai', 7);
    const before = built;
    for (let n = 0; n < 5; n += 1) expect(await older(writer!, 1, 9)).toEqual([{ name: 'Dai', age: 7 }]);
    expect(built).toBe(before + 1);
  });

  it('belongs to the transaction in which it runs', async () => {
    const table = (name: string) => `b_${name}`;
    const undone = database.write.transaction().execute(async (tx) => {
      await add({ db: tx, table, direct: database.direct?.write ?? null }, 'Ema', 9);
      throw new Error('thought better of it');
    });
    await expect(undone).rejects.toThrow('thought better');
    expect(await older(places('b_')[1]!, 8, 9)).toEqual([]);
  });
});
