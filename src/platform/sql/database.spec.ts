import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { isDatabaseUnavailable } from './unavailable.js';

onEveryDatabase('a database', (open) => {
  it('takes every text, also one with a NUL, which PostgreSQL cannot hold', async () => {
    const database = await open();
    await sql`create table notes (id text primary key, note text not null)`.execute(database.write);
    await sql`insert into notes values (${'1'}, ${'a\u0000b'})`.execute(database.write);
    const { rows } = await sql<{ note: string }>`select note from notes where note = ${'a\u0000b'}`.execute(
      database.read,
    );
    expect(rows).toEqual([{ note: database.kind === 'sqlite' ? 'a\u0000b' : 'a\ufffdb' }]);
    await database.close();
  });

  it('is not called unavailable for a question that is wrong', async () => {
    const database = await open();
    const wrong = await sql`select * from nowhere`.execute(database.read).catch((error: unknown) => error);
    expect([wrong, isDatabaseUnavailable(wrong)]).toEqual([
      expect.objectContaining({ message: expect.any(String) }),
      false,
    ]);
    await database.close();
  });
});
