import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import type { Database } from './database.js';
import { Lease } from './lease.js';

const QUICK = { tryEveryMs: 20, lookEveryMs: 20 };
const soon = () => new Promise<'waiting'>((resolve) => setTimeout(() => resolve('waiting'), 200));

onEveryDatabase('a lease', (open) => {
  let database: Database<unknown>;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  const leaseOf = (name: string, onLost = (_: unknown): void => undefined) => new Lease(database, name, onLost, QUICK);

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

  it('ends with its connection, and says so', async () => {
    if (database.kind === 'sqlite') return expect(await leaseOf('y').take()).toBeUndefined();
    const lost = Promise.withResolvers<unknown>();
    const [first, second] = [leaseOf('broken', lost.resolve), leaseOf('broken')];
    await first.take();
    const taken = second.take();
    await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objsubid = 2
      and objid::bigint = hashtext('broken')::bigint & 4294967295`.execute(database.read);
    expect(await lost.promise).toBeInstanceOf(Error);
    expect(first.held).toBe(false);
    await taken;
    await second.release();
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
