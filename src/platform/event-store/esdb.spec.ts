import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventStoreForTests } from '../../../test/kit/event-store.js';
import { temporaryFolders } from '../../../test/kit/event-store-node.js';
import { startNodeProcess } from '../../../test/kit/event-store-process.js';
import { message, upcaster } from '../../kernel/message.js';
import { count, text } from '../../kernel/schema.js';
import { codecOf } from './codec.js';
import { EsdbEventStore } from './esdb.js';
import { type Delivered, EventStoreUnavailable, WrongExpectedRevision } from './event-store.js';
import type { Metadata, NewEvent } from './recorded.js';

const counted = message('esdb-spec.Counted', { n: count() });
const metadata = { tenant: 'C00123', schema: 1 } as unknown as Metadata;
const event = (n: number): NewEvent => ({ ...counted({ n }), id: randomUUID(), metadata });
const streamName = () => `counter-${randomUUID()}`;

describe('the event store adapter', () => {
  let node: Awaited<ReturnType<typeof eventStoreForTests>>;
  let store: EsdbEventStore;
  beforeAll(async () => {
    node = await eventStoreForTests();
    store = new EsdbEventStore(node.connectionString, codecOf([counted]));
  });
  afterAll(async () => {
    await store.close();
    await node.stop();
  });

  it('reads back what it appended, from any revision', async () => {
    const stream = streamName();
    expect(await store.append(stream, -1, [event(1), event(2)])).toBe(1);
    expect(await store.append(stream, 1, [event(3)])).toBe(2);
    const read = await store.read(stream);
    expect(read.map(({ data, revision }) => [data, revision])).toEqual([
      [{ n: 1 }, 0],
      [{ n: 2 }, 1],
      [{ n: 3 }, 2],
    ]);
    expect(read[0]!.metadata).toEqual(metadata);
    expect((await store.read(stream, 2)).map(({ data }) => data)).toEqual([{ n: 3 }]);
    expect(await store.read(stream, 3)).toEqual([]);
  });

  it('has nothing for a stream that nobody wrote', async () => expect(await store.read(streamName())).toEqual([]));

  it('refuses an append on another revision', async () => {
    const stream = streamName();
    await store.append(stream, -1, [event(1)]);
    await expect(store.append(stream, -1, [event(2)])).rejects.toBeInstanceOf(WrongExpectedRevision);
    await expect(store.append(stream, 5, [event(2)])).rejects.toBeInstanceOf(WrongExpectedRevision);
  });

  it('answers a repeated append with the same ids as the first time, and writes nothing', async () => {
    const stream = streamName();
    const events = [event(1), event(2)];
    expect(await store.append(stream, -1, events)).toBe(1);
    expect(await store.append(stream, -1, events)).toBe(1);
    expect(await store.read(stream)).toHaveLength(2);
  });

  it('writes nothing that breaks its schema or that nobody registered', async () => {
    const stream = streamName();
    const wrong = { ...event(1), data: { n: 'one' } };
    await expect(store.append(stream, -1, [wrong])).rejects.toThrow('esdb-spec.Counted breaks its schema: n');
    const unknown = { ...event(1), type: 'esdb-spec.Unknown' };
    await expect(store.append(stream, -1, [unknown])).rejects.toThrow('not registered');
    expect(await store.read(stream)).toEqual([]);
  });

  it('feeds old and new events in order, says when it has caught up, and goes on where it stopped', async () => {
    const stream = streamName();
    await store.append(stream, -1, [event(1), event(2)]);
    const feed = store.feed(null, ['esdb-spec.']);
    const caughtUp = new Promise<void>((resolve) => feed.onCaughtUp(resolve));
    const seen: Delivered[] = [];
    for await (const delivered of feed.events) {
      if (delivered.recorded?.stream !== stream) continue;
      seen.push(delivered);
      if (seen.length === 2) {
        await caughtUp;
        await store.append(stream, 1, [event(3)]);
      }
      if (seen.length === 3) await feed.stop();
    }
    expect(seen.map(({ recorded }) => recorded?.data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);

    const rest = store.feed(seen[1]!.recorded!.position, ['esdb-spec.']);
    const later: unknown[] = [];
    for await (const { recorded } of rest.events) {
      later.push(recorded?.data);
      await rest.stop();
    }
    expect(later).toEqual([{ n: 3 }]);
  });

  it('hands out what it cannot decode instead of hiding it, and refuses to read the stream', async () => {
    const stream = streamName();
    const lenient = new EsdbEventStore(node.connectionString, codecOf([message('esdb-poison.Old', { n: count() })]));
    await lenient.append(stream, -1, [{ ...event(1), type: 'esdb-poison.Old' }]);
    const feed = store.feed(null, ['esdb-poison.']);
    for await (const { fault } of feed.events) {
      expect(fault).toMatchObject({
        type: 'esdb-poison.Old',
        stream,
        revision: 0,
        fault: expect.stringContaining('not registered') as unknown,
      });
      await feed.stop();
    }
    await expect(store.read(stream)).rejects.toThrow('not registered');
    await lenient.close();
  });

  it('reads what was recorded under an older schema as the newest has it', async () => {
    const stream = streamName();
    const newest = message('esdb-raised.Counted', { n: count(), unit: text() }, 2);
    const older = new EsdbEventStore(node.connectionString, codecOf([message('esdb-raised.Counted', { n: count() })]));
    const lift = upcaster(newest, 1, (data) => ({ ...data, unit: 'times' }));
    const newer = new EsdbEventStore(node.connectionString, codecOf([newest], [lift]));
    const blind = new EsdbEventStore(node.connectionString, codecOf([newest]));
    await older.append(stream, -1, [{ ...event(1), type: newest.type }]);
    const now = { ...newest({ n: 2, unit: 'days' }), id: randomUUID(), metadata: { ...metadata, schema: 2 } };
    await newer.append(stream, 0, [now]);
    const seen = [
      { n: 1, unit: 'times' },
      { n: 2, unit: 'days' },
    ];
    expect((await newer.read(stream)).map(({ data }) => data)).toEqual(seen);
    const fed: unknown[] = [];
    const feed = newer.feed(null, ['esdb-raised.']);
    for await (const { recorded } of feed.events) if (fed.push(recorded?.data) === 2) await feed.stop();
    expect(fed).toEqual(seen);
    await expect(blind.read(stream)).rejects.toThrow('has no upcaster');
    for (const each of [older, newer, blind]) await each.close();
  });

  it('pings', async () => expect(await store.ping()).toBeUndefined());
});

describe('a node that is not there', () => {
  it('is told apart from every other fault', async () => {
    const store = new EsdbEventStore('esdb://127.0.0.1:1?tls=false&maxDiscoverAttempts=1', codecOf([counted]));
    await expect(store.read('counter-x')).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(store.append('counter-x', -1, [event(1)])).rejects.toBeInstanceOf(EventStoreUnavailable);
    await store.close();
  });
});

describe('a node that says nothing', () => {
  let silent: Server;
  const sockets: Socket[] = [];
  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        silent = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(
          0,
          '127.0.0.1',
          resolve,
        );
      }),
  );
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('is not waited for without end', async () => {
    const { port } = silent.address() as { port: number };
    const store = new EsdbEventStore(`esdb://127.0.0.1:${port}?tls=false`, codecOf([counted]), {
      appendTimeoutMs: 100,
      readTimeoutMs: 100,
      renewPauseMs: 0,
    });
    await expect(store.append('counter-x', -1, [event(1)])).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(store.read('counter-x')).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(store.ping()).rejects.toBeInstanceOf(EventStoreUnavailable);
    await store.close();
  });
});

describe('a connection that hangs while the node is well', () => {
  it('is left for a new one, by appends, reads and feeds', async () => {
    const node = await eventStoreForTests();
    const [, host, port] = /@?([\d.]+):(\d+)/.exec(node.connectionString)!;
    const frozen = new Set<Socket>();
    const pairs: Socket[] = [];
    const proxy = createServer((near) => {
      const far = connect(Number(port), host);
      pairs.push(near, far);
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.on('data', (data) => frozen.has(near) || far.write(data));
      far.on('data', (data) => frozen.has(near) || near.write(data));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address() as { port: number };
    const limits = { appendTimeoutMs: 2_000, readTimeoutMs: 2_000, renewPauseMs: 100 };
    const store = new EsdbEventStore(`esdb://127.0.0.1:${address.port}?tls=false`, codecOf([counted]), limits);
    const stream = streamName();
    await store.append(stream, -1, [event(1)]);
    const feed = store.feed(null, ['esdb-spec.']);
    const ended = (async () => {
      for await (const _ of feed.events);
    })();

    for (const socket of pairs) frozen.add(socket);
    const began = performance.now();
    // The first try waits for its time-out, the second goes over a new connection.
    expect(await store.append(stream, 0, [event(2)])).toBe(1);
    expect(performance.now() - began).toBeLessThan(6_000);
    // It ends, whether or not with an error; a subscription then begins anew.
    await Promise.allSettled([ended]);
    expect(await store.read(stream)).toHaveLength(2);

    for (const socket of pairs) frozen.add(socket);
    await expect(store.read(stream)).rejects.toBeInstanceOf(EventStoreUnavailable);
    expect(await store.read(stream)).toHaveLength(2);
    await store.close();
    for (const socket of pairs) socket.destroy();
    proxy.close();
    await node.stop();
  });
});

describe('a node that is killed and comes back at the same place', () => {
  const folder = temporaryFolders();

  it('is found again soon, every time, over TLS', async () => {
    const dataDir = join(folder(), 'data');
    let node = await startNodeProcess('--data', dataDir, '--port', '0');
    const store = new EsdbEventStore(node.connectionString, codecOf([counted]));
    const stream = streamName();
    let revision = await store.append(stream, -1, [event(0)]);
    for (let round = 1; round <= Number(process.env['KILL_ROUNDS'] ?? 3); round += 1) {
      await node.kill();
      await expect(store.append(stream, revision, [event(round)])).rejects.toBeInstanceOf(EventStoreUnavailable);
      node = await startNodeProcess('--data', dataDir, '--port', String(node.port));
      const began = performance.now();
      const again = event(round);
      for (let found = false; !found;) {
        try {
          revision = await store.append(stream, revision, [again]);
          found = true;
        } catch (error) {
          if (!(error instanceof EventStoreUnavailable)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      expect(performance.now() - began).toBeLessThan(15_000);
    }
    expect((await store.read(stream)).map(({ revision: at }) => at).at(-1)).toBe(revision);
    await store.close();
    await node.stop();
  }, 600_000);
});
