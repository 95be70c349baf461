import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { eventStoreForTests } from '../../../test/kit/event-store.js';
import { eventually } from '../../../test/kit/eventually.js';
import { systemClock } from '../../kernel/clock.js';
import { message } from '../../kernel/message.js';
import { count } from '../../kernel/schema.js';
import { codecOf } from '../event-store/codec.js';
import { EsdbEventStore } from '../event-store/esdb.js';
import type { Undecodable } from '../event-store/event-store.js';
import type { Metadata, NewEvent, Recorded } from '../event-store/recorded.js';
import type { Database } from '../sql/database.js';
import type { ProjectionDefinition } from './definition.js';
import { countParked, Generations } from './generations.js';
import { Projector } from './projector.js';
import { ReadModelBehind, ReadModels } from './read-models.js';

onEveryDatabase('a projector', (open) => {
  // A prefix of this suite's own: the event store may be shared.
  const prefix = `tally${randomUUID().slice(0, 8)}.`;
  const added = message(`${prefix}Added`, { n: count() });
  const stream = `${prefix.slice(0, -1)}-1`;
  type Rows = Record<string, { stream: string; sum: number; events: number }>;
  const definitionOf = (
    version = 1,
    hook: (event: Recorded) => Promise<void> = () => Promise.resolve(),
  ): ProjectionDefinition => ({
    name: 'tally-sums',
    version,
    typePrefixes: [prefix],
    tables: {
      sums: (t) =>
        t
          .addColumn('stream', 'text', (c) => c.primaryKey())
          .addColumn('sum', 'bigint', (c) => c.notNull())
          .addColumn('events', 'bigint', (c) => c.notNull()),
    },
    async apply(event, { db, table }) {
      await hook(event);
      const { n } = event.data as { n: number };
      await (db as Kysely<Rows>)
        .insertInto(table('sums'))
        .values({ stream: event.stream, sum: n, events: 1 })
        .onConflict((c) =>
          c.column('stream').doUpdateSet((e) => ({
            sum: e('excluded.sum', '+', e.ref(`${table('sums')}.sum` as 'sums.sum')),
            events: e('excluded.events', '+', e.ref(`${table('sums')}.events` as 'sums.events')),
          })),
        )
        .execute();
    },
  });

  let node: Awaited<ReturnType<typeof eventStoreForTests>>;
  let store: EsdbEventStore;
  let database: Database<unknown>;
  let readModels: ReadModels;
  let revision = -1;
  const parked: Undecodable[] = [];

  const add = async (...numbers: number[]) => {
    const metadata = {} as Metadata;
    const events = numbers.map((n): NewEvent => ({ ...added({ n }), id: randomUUID(), metadata }));
    revision = await store.append(stream, revision, events);
  };
  const projectorOf = (definition: ProjectionDefinition) =>
    new Projector(store, database, [definition], systemClock, {
      applied: () => undefined,
      parked: (_, poison) => parked.push(poison),
      failed: () => undefined,
    });
  const rows = (definition = definitionOf()) =>
    readModels.query(definition, ({ db, table }) =>
      (db as Kysely<Rows>).selectFrom(table('sums')).selectAll().orderBy('stream').execute(),
    );

  beforeAll(async () => {
    node = await eventStoreForTests();
    store = new EsdbEventStore(node.connectionString, codecOf([added]));
    database = await open();
    readModels = new ReadModels(database);
  });
  afterAll(async () => {
    await store.close();
    await database.close();
    await node.stop();
  });

  it('follows the store, and goes on after a restart where it stopped', async () => {
    await add(1, 2);
    const first = projectorOf(definitionOf());
    await first.start();
    await first.untilCaughtUp();
    expect(await rows()).toEqual([{ stream, sum: 3, events: 2 }]);
    await add(3);
    await readModels.untilVersion(definitionOf(), stream, 2);
    await first.stop();
    await add(4);
    const second = projectorOf(definitionOf());
    await second.start();
    await readModels.untilVersion(definitionOf(), stream, 3);
    expect(await rows()).toEqual([{ stream, sum: 10, events: 4 }]);
    await second.stop();
  });

  it('says so instead of answering with rows that are too old', async () => {
    await expect(readModels.untilVersion(definitionOf(), stream, revision + 1)).rejects.toBeInstanceOf(ReadModelBehind);
    await expect(rows(definitionOf(2))).rejects.toBeInstanceOf(ReadModelBehind);
  });

  it('builds anew beside the old rows, which answer until the new ones are complete and equal', async () => {
    const gate = Promise.withResolvers<void>();
    let slow = false;
    const definition = definitionOf(1, () => (slow ? gate.promise : Promise.resolve()));
    const projector = projectorOf(definition);
    await projector.start();
    await projector.untilCaughtUp();
    const before = await rows();
    slow = true;
    const rebuilt = projector.rebuild('tally-sums');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await rows()).toEqual(before);
    gate.resolve();
    await rebuilt;
    expect(await rows()).toEqual(before);
    await add(5);
    await readModels.untilVersion(definition, stream, revision);
    expect(await rows()).toEqual([{ stream, sum: 15, events: 5 }]);
    await projector.stop();
  });

  it('builds anew by itself when the shape of the rows has changed', async () => {
    const definition = definitionOf(2);
    const projector = projectorOf(definition);
    await projector.start();
    await projector.untilCaughtUp();
    expect(await rows(definition)).toEqual([{ stream, sum: 15, events: 5 }]);
    await projector.stop();
  });

  it('tries a fault again, parks what stays poisonous, and goes on', async () => {
    let hiccups = 2;
    const definition = definitionOf(2, ({ data }) => {
      const { n } = data as { n: number };
      if (n === 666) throw new Error('cannot be counted');
      if (n === 7 && (hiccups -= 1) >= 0) throw new Error('hiccup');
      return Promise.resolve();
    });
    const projector = projectorOf(definition);
    await projector.start();
    await add(6, 666, 7);
    await readModels.untilVersion(definition, stream, revision);
    expect(await rows(definition)).toEqual([{ stream, sum: 28, events: 7 }]);
    expect(parked.map(({ revision, fault }) => [revision, fault])).toEqual([[revision - 1, 'cannot be counted']]);
    expect(await countParked(database)).toBe(1);
    await projector.stop();
  });

  const poison = ({ data }: Recorded): Promise<void> =>
    (data as { n: number }).n === 666 ? Promise.reject(new Error('cannot be counted')) : Promise.resolve();

  it('forgets what was parked when it builds anew, and parks only what still cannot be handled', async () => {
    const generations = new Generations(database);
    const mended = projectorOf(definitionOf(2));
    await mended.start();
    await mended.untilCaughtUp();
    await generations.request('tally-sums', new Date());
    await eventually(
      () => generations.requests(['tally-sums']),
      (open) => open.length === 0,
    );
    expect(await countParked(database)).toBe(0);
    await mended.stop();
    const poisonous = projectorOf(definitionOf(2, poison));
    await poisonous.start();
    await poisonous.rebuild('tally-sums');
    expect(await countParked(database)).toBe(1);
    expect(await rows(definitionOf(2))).toEqual([{ stream, sum: 28, events: 7 }]);
    await poisonous.stop();
  });

  it('keeps a request until it is fulfilled: who takes over after a stop builds what was asked for', async () => {
    const generations = new Generations(database);
    const gate = Promise.withResolvers<void>();
    let slow = false;
    const seen = { building: false };
    const first = projectorOf(
      definitionOf(2, async (event) => {
        seen.building ||= slow;
        if (slow) await gate.promise;
        await poison(event);
      }),
    );
    await first.start();
    await first.untilCaughtUp();
    const before = (await generations.all('tally-sums')).at(-1)!.generation;
    slow = true;
    await generations.request('tally-sums', new Date());
    await eventually(
      () => Promise.resolve(seen.building),
      (building) => building,
    );
    const stopped = first.stop();
    gate.resolve();
    await stopped;
    expect(await generations.requests(['tally-sums'])).toHaveLength(1);
    const second = projectorOf(definitionOf(2, poison));
    await second.start();
    await eventually(
      () => generations.requests(['tally-sums']),
      (open) => open.length === 0,
    );
    expect((await generations.all('tally-sums')).map(({ generation }) => generation)).not.toContain(before);
    expect(await rows(definitionOf(2))).toEqual([{ stream, sum: 28, events: 7 }]);
    await second.stop();
  });

  it('counts nothing twice while two processes apply the same events', async () => {
    const definition = definitionOf(2);
    const two = [projectorOf(definition), projectorOf(definition)];
    for (const projector of two) await projector.start();
    for (let n = 0; n < 30; n += 1) await add(1, 1);
    await Promise.all(two.map((projector) => projector.untilCaughtUp()));
    await readModels.untilVersion(definition, stream, revision);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await rows(definition)).toEqual([{ stream, sum: 88, events: 67 }]);
    for (const projector of two) await projector.stop();
  });

  it('leaves rows alone that a newer program has built, until somebody discards them', async () => {
    const older = projectorOf(definitionOf(1));
    await expect(older.start()).rejects.toThrow(
      'the read model tally-sums was built by a newer program (version 2, this one has 1)',
    );
    const newer = projectorOf(definitionOf(2));
    await newer.start();
    await newer.untilCaughtUp();
    expect(await rows(definitionOf(2))).toHaveLength(1);
    await newer.stop();
    expect(await new Generations(database).discard('tally-sums')).toBe(1);
    await older.start();
    await older.untilCaughtUp();
    expect(await rows(definitionOf(1))).toEqual([{ stream, sum: 754, events: 68 }]);
    await older.stop();
  });
});
