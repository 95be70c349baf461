import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { Turns } from './one-at-a-time.js';

onEveryDatabase('what is done one at a time', (open) => {
  it('is, also where many more wait than there are connections, and goes on after a failure', async () => {
    const database = await open();
    try {
      const turns = new Turns(database);
      let [inside, most, done] = [0, 0, 0];
      const work = async (n: number) => {
        inside += 1;
        most = Math.max(most, inside);
        // The work itself asks the database, too.
        await database.ping();
        await wait(2);
        inside -= 1;
        done += 1;
        if (n % 7 === 3) throw new Error('a failure of the work');
      };
      const all = Array.from({ length: 40 }, (_, n) => turns.take('probe', () => work(n)));
      const failed = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected');
      expect([most, done, failed.length]).toEqual([1, 40, 6]);
    } finally {
      await database.close();
    }
  });

  it('does not wait for something else', async () => {
    const database = await open();
    try {
      const turns = new Turns(database);
      await turns.take('one', () => turns.take('other', () => Promise.resolve()));
    } finally {
      await database.close();
    }
  });
});
