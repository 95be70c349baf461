import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import type { Database } from './database.js';
import { Lease, type Work } from './lease.js';

const QUICK = { tryEveryMs: 20, lookEveryMs: 20 };
const soon = () => new Promise<'waiting'>((resolve) => setTimeout(() => resolve('waiting'), 200));

onEveryDatabase('a lease', (open) => {
  let database: Database<unknown>;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  const nothing = () => Promise.resolve();
  const leaseOf = (name: string, work: Partial<Work> = {}) =>
    new Lease(database, name, { begin: nothing, end: nothing, ...work }, QUICK);

  it('is taken, given back and taken again', async () => {
    const name = `again-${Date.now()}`;
    for (let round = 0; round < 2; round += 1) {
      const lease = leaseOf(name);
      await lease.take();
      expect(lease.held).toBe(true);
      await lease.release();
      expect(lease.held).toBe(false);
    }
  });

  it('is one process after the other, and of one name only', async () => {
    if (database.kind === 'sqlite') return expect(await leaseOf('x').take()).toBeUndefined();
    const [first, second, other] = [leaseOf('one'), leaseOf('one'), leaseOf('another')];
    await first.take();
    await other.take();
    const taken = second.take();
    expect(await Promise.race([taken, soon()])).toBe('waiting');
    expect(second.held).toBe(false);
    await first.release();
    await taken;
    expect(second.held).toBe(true);
    await Promise.all([second.release(), other.release()]);
  });

  it('that ends with its connection ends the work first, and is taken again', async () => {
    if (database.kind === 'sqlite') return expect(await leaseOf('y').take()).toBeUndefined();
    const happened: string[] = [];
    const again = Promise.withResolvers<void>();
    const first = leaseOf('broken', {
      begin: () => {
        happened.push('begun');
        if (happened.length > 1) again.resolve();
        return Promise.resolve();
      },
      end: async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        happened.push(`ended, held: ${first.held}`);
      },
    });
    await first.take();
    await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objsubid = 2
      and objid::bigint = hashtext('broken')::bigint & 4294967295`.execute(database.read);
    await again.promise;
    expect(happened).toEqual(['begun', 'ended, held: true', 'begun']);
    await first.release();
  });

  it('goes to who stood by when its connection ends', async () => {
    if (database.kind === 'sqlite') return expect(await leaseOf('z').take()).toBeUndefined();
    const [first, second] = [leaseOf('handed'), leaseOf('handed')];
    await first.take();
    const taken = second.take();
    await first.release();
    await taken;
    await second.release();
  });

  it('tells of work that cannot be done, also when it is taken again', async () => {
    const lease = leaseOf('impossible', { begin: () => Promise.reject(new Error('made by a newer program')) });
    await expect(lease.take()).rejects.toThrow('newer program');
    await expect(lease.ended).rejects.toThrow('newer program');
    await lease.release();
  });

  it('that is never given need not be waited for', async () => {
    const [first, second] = [leaseOf('never'), leaseOf('never')];
    await first.take();
    void second.take();
    await second.release();
    await first.release();
    expect([first.held, second.held]).toEqual([false, false]);
  });
});
