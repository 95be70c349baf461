import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientPortal } from '../../projections/client-portal/projection.js';
import type { Keeper } from '../../src/entrypoints/keeper.js';
import { keeperInThread } from '../../src/entrypoints/keeper-thread.js';
import { message } from '../../src/kernel/message.js';
import { count, text } from '../../src/kernel/schema.js';
import { codecOf } from '../../src/platform/event-store/codec.js';
import { EsdbEventStore } from '../../src/platform/event-store/esdb.js';
import type { Metadata } from '../../src/platform/event-store/recorded.js';
import type { AnyTables } from '../../src/platform/projections/definition.js';
import { ReadModels } from '../../src/platform/projections/read-models.js';
import { type Database, openDatabase } from '../../src/platform/sql/database.js';
import { eventStoreForTests } from '../kit/event-store.js';
import { eventually } from '../kit/eventually.js';

const built = new URL('../../dist/src/entrypoints/projector-thread.js', import.meta.url);
const registered = message('client-portal.ClientCompanyRegistered', { clientCode: text(), name: text() });
/** What a program that is at fault might record under a name that nobody knows. */
const unheardOf = message('client-portal.NobodyKnowsThis', { n: count() });

const metadata: Metadata = {
  ...{ $correlationId: randomUUID(), $causationId: randomUUID(), occurredAt: '2026-07-01T01:00:00.000Z' },
  ...{ tenant: 'B', service: 'client-portal', actor: { kind: 'system', id: 's', name: 's' }, onBehalfOf: null },
  ...{ operation: 'x', clientAddress: null, schema: 1, fingerprint: null, refused: null },
};

describe('read models in a thread of their own', () => {
  const file = join(tmpdir(), `keeper-${randomUUID()}.sqlite`);
  let node: Awaited<ReturnType<typeof eventStoreForTests>>;
  let store: EsdbEventStore;
  let database: Database<AnyTables>;
  let keeper: Keeper;
  const applied: string[] = [];
  const parked: string[] = [];

  const begin = (entry = built): Keeper =>
    keeperInThread(
      entry,
      { readModels: { kind: 'sqlite', file, durable: false }, eventStoreUrl: node.connectionString },
      {
        applied: (sink, ids) => applied.push(...ids.map((id) => `${sink} ${id}`)),
        parked: (sink, { type }) => parked.push(`${sink} ${type}`),
        failed: () => undefined,
      },
    );
  const add = async (clientCode: string, name = 'Example Bridge Construction Co.'): Promise<string> => {
    const event = {
      ...registered({ clientCode, name }),
      id: randomUUID(),
      metadata: { ...metadata, $causationId: randomUUID() },
    };
    await store.append(`clientCompany-${clientCode}`, -1, [event]);
    return event.id;
  };
  const told = (what: readonly string[], of: string) =>
    eventually(
      () => Promise.resolve(what),
      () => what.includes(of),
    );
  const shown = (clientCode: string) =>
    new ReadModels(database).untilVersion(clientPortal, `clientCompany-${clientCode}`, 0);

  beforeAll(async () => {
    node = await eventStoreForTests();
    store = new EsdbEventStore(node.connectionString, codecOf([registered, unheardOf]));
    database = await openDatabase<AnyTables>({ kind: 'sqlite', file, durable: false });
    keeper = begin();
    await keeper.start();
  });
  afterAll(async () => {
    await keeper.close();
    await store.close();
    await database.close();
    await node.stop();
    await rm(file, { force: true });
  });

  it('are kept, and it is told what was applied', async () => {
    const id = await add('B000000000001');
    await shown('B000000000001');
    await told(applied, `client-portal ${id}`);
    await told(applied, `operation-history ${id}`);
    await eventually(() => keeper.isCaughtUp(), Boolean);
  });

  it('go on after a stop where they were', async () => {
    await keeper.stop();
    await add('B000000000002');
    expect(await keeper.isCaughtUp()).toBe(false);
    await keeper.start();
    await shown('B000000000002');
  });

  it('are built anew when asked, and a name that nobody knows is refused', async () => {
    await keeper.rebuild('client-portal');
    await shown('B000000000001');
    await expect(keeper.rebuild('nothing')).rejects.toThrow('there is no read model named nothing');
  });

  it('put aside what cannot be handled, and it is told', async () => {
    await store.append(`clientCompany-${randomUUID()}`, -1, [{ ...unheardOf({ n: 1 }), id: randomUUID(), metadata }]);
    await told(parked, 'client-portal client-portal.NobodyKnowsThis');
    await add('B000000000003');
    await shown('B000000000003');
  });

  it('are left alone where a newer program has built them', async () => {
    const generations = database.write.updateTable('projection_generations');
    const version = (to: number) => generations.set({ version: to }).where('name', '=', 'client-portal').execute();
    await keeper.stop();
    await version(99);
    const refused = await keeper.start().catch((error: unknown) => error as Error);
    expect([refused?.name, refused?.message]).toEqual([
      'NewerReadModel',
      expect.stringContaining('by a newer program'),
    ]);
    await version(clientPortal.version);
    await keeper.start();
  });

  it('leave nothing behind when closed', async () => {
    const other = begin();
    await other.close();
    await expect(other.ended).resolves.toBeUndefined();
    await expect(other.isCaughtUp()).rejects.toThrow('has ended');
    await other.stop();
  });

  it('say so when their thread dies, to whoever waits too', async () => {
    const mortal = begin(new URL('data:text/javascript,setTimeout(() => { throw new Error("broken") }, 50)'));
    const waiting = mortal.start();
    await expect(waiting).rejects.toThrow('broken');
    await expect(mortal.ended).rejects.toThrow('broken');
    await mortal.stop();
    await mortal.close();
  });
});
