import { expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { rowsFrom, rowsWithin } from './rows-within.js';

type Tables = { owners: { name: string }; pets: { owner: string; name: string; age: number | null } };

onEveryDatabase('rows within a row', (open) => {
  it('come in their order with what each is asked for, and are none where there is none', async () => {
    const database = await open();
    const db = database.write.withTables<Tables>();
    await db.schema.createTable('owners').addColumn('name', 'text').execute();
    const pets = db.schema.createTable('pets').addColumn('owner', 'text').addColumn('name', 'text');
    await pets.addColumn('age', 'integer').execute();
    await db
      .insertInto('owners')
      .values(['a', 'b"\u3042'].map((name) => ({ name })))
      .execute();
    const rows = [
      { owner: 'a', name: 'z', age: null },
      { owner: 'a', name: 'x', age: 3 },
    ];
    await db.insertInto('pets').values(rows).execute();
    const theirs = (owner: string) =>
      rowsWithin(db, db.selectFrom('pets').select(['name', 'age']).where('owner', '=', owner).orderBy('name'));
    const found = async (owner: string): Promise<unknown> => {
      const one = db.selectFrom('owners').selectAll().select(theirs(owner).as('pets')).where('name', '=', owner);
      const { name, pets: within } = (await one.executeTakeFirstOrThrow()) as { name: string; pets: string };
      return { name, pets: rowsFrom(within) };
    };
    expect(await found('a')).toEqual({
      name: 'a',
      pets: [
        { name: 'x', age: 3 },
        { name: 'z', age: null },
      ],
    });
    expect(await found('b"\u3042')).toEqual({ name: 'b"\u3042', pets: [] });
    await database.close();
  });
});
