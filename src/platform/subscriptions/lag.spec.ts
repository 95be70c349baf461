import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventStoreForTests } from '../../../test/kit/event-store.js';
import { message } from '../../kernel/message.js';
import { count } from '../../kernel/schema.js';
import { codecOf } from '../event-store/codec.js';
import { EsdbEventStore } from '../event-store/esdb.js';
import type { Metadata, NewEvent, Position } from '../event-store/recorded.js';
import { Lags } from './lag.js';

const NOW = new Date('2026-07-01T00:01:00.000Z');

describe('the lag of a follower', () => {
  const prefix = `lag${randomUUID().slice(0, 8)}.`;
  const [mine, others] = [message(`${prefix}Mine`, { n: count() }), message(`${prefix}Others`, { n: count() })];
  const stream = `${prefix.slice(0, -1)}-1`;
  let node: Awaited<ReturnType<typeof eventStoreForTests>>;
  let store: EsdbEventStore;
  let revision = -1;
  let position: Position | null = null;
  let feeds = 0;
  let lags: Lags;

  beforeAll(async () => {
    node = await eventStoreForTests();
    store = new EsdbEventStore(node.connectionString, codecOf([mine, others]));
    const feed = store.feed.bind(store);
    store.feed = (...asked) => ((feeds += 1), feed(...asked));
    const sink = { name: 'mine', typePrefixes: [mine.type], position: () => Promise.resolve(position) };
    lags = new Lags(store, [sink], { now: () => NOW });
  });
  afterAll(async () => {
    await store.close();
    await node.stop();
  });

  const add = async (type: typeof mine | typeof others, occurredAt: string) => {
    const event: NewEvent = { ...type({ n: 1 }), id: randomUUID(), metadata: { occurredAt } as Metadata };
    revision = await store.append(stream, revision, [event]);
  };
  const lag = async () => (await lags.seconds()).get('mine');

  it('is nothing where nothing is there', async () => {
    expect(await lag()).toBe(0);
  });

  it('is the age of the oldest event that it has not handled, and stays so while it stands still', async () => {
    await add(mine, '2026-07-01T00:00:30.000Z');
    await add(mine, '2026-07-01T00:00:50.000Z');
    expect([await lag(), await lag()]).toEqual([30, 30]);
  });

  it('is nothing as soon as it is level, however long ago its last event was', async () => {
    position = (await store.newest())!;
    expect(await lag()).toBe(0);
  });

  it('is nothing where only events of others came, which are looked through once', async () => {
    await add(others, '2026-07-01T00:00:50.000Z');
    const before = feeds;
    expect([await lag(), await lag(), await lag()]).toEqual([0, 0, 0]);
    expect(feeds - before).toBe(1);
  });

  it('is there again with the next of its own', async () => {
    await add(mine, '2026-07-01T00:00:55.000Z');
    expect(await lag()).toBe(5);
  });

  it('is that of all its events when it begins anew', async () => {
    position = null;
    expect(await lag()).toBe(30);
  });
});
