import { randomUUID } from 'node:crypto';
import { framed, RawPeer, type Exchange } from '../../kit/raw-grpc.js';
import { hostileStage, MIB, STATUS } from './hostile-stage.js';
import {
  APPEND,
  appendEvent,
  appendOptions,
  BATCH_APPEND,
  batchOptions,
  batchPart,
  READ,
  sent,
  streams,
} from './wire.js';

/** What the node allows all callers together for appends that are not finished. */
const BUDGET_MIB = 64;
/** What an event takes is only estimated; without a budget what is sent here would take some 500 MiB. */
const ALLOWED_MIB = 3 * BUDGET_MIB;

describe('the embedded event store, sent appends that do not end', () => {
  const stage = hostileStage();
  const held = async (): Promise<number> => (await stage.node.memory()).heldMiB;
  let greedy: RawPeer;
  beforeEach(async () => (greedy = await RawPeer.connect(stage.node.connectionString)));
  afterEach(() => greedy.close());
  const fresh = (): string => `unfinished-${randomUUID()}`;
  const emptyEvent = { type: 'x', bytes: 0 };

  const answersOf = ({ messages }: Exchange) =>
    messages.map((message) => streams.BatchAppendResp.deserializeBinary(message));

  /** One call with hundreds of appends of thousands of events each; resolves when the node has dealt with them. */
  const begunInBatches = async (): Promise<Exchange> => {
    const APPENDS = 150;
    const EVENTS = 5_000;
    const parts = { options: batchOptions(fresh()), events: Array<object>(EVENTS).fill(emptyEvent), final: false };
    const append = batchPart(parts).serializeBinary();
    // Fields that come again take the place of the first: each append has a correlation id of its own.
    const named = (): Uint8Array => batchPart({ events: [], final: false }).serializeBinary();
    const call = greedy.begin({ path: BATCH_APPEND });
    for (let count = 0; count < APPENDS; count++) await call.send([framed(Buffer.concat([append, named()]))]);
    const last = randomUUID();
    await call.send(sent(batchPart({ correlation: last, options: batchOptions('') })));
    const isLast = () => answersOf(call).at(-1)?.getCorrelationId()?.getString() === last;
    expect(await call.until(isLast, 60_000)).toBe(true);
    return call;
  };

  it('by one batch call, refuses those beyond its budget, other calls too, until that call has gone', async () => {
    const before = await held();
    const call = await begunInBatches();
    expect((await held()) - before).toBeLessThan(ALLOWED_MIB);
    const refused = answersOf(call).slice(0, -1);
    expect(refused.length).toBeGreaterThan(50);
    expect(new Set(refused.map((answer) => answer.getError()?.getCode()))).toEqual(new Set([STATUS.exhausted]));

    const chunks = () => sent(appendOptions(fresh()), ...Array.from({ length: 9_000 }, () => appendEvent(emptyEvent)));
    const append = { path: APPEND, chunks: [Buffer.concat(chunks())] };
    expect((await stage.peer.call(append)).status).toBe(STATUS.exhausted);
    greedy.close();
    await stage.peer.roundTrips(50);
    expect((await stage.peer.call(append)).status).toBe(STATUS.ok);
  }, 120_000);

  it('by many classic calls, refuses those beyond its budget, until they have gone', async () => {
    const CALLS = 40;
    /** The most that one append may carry. */
    const EVENTS = 10_000;
    const before = await held();
    const events = sent(...Array<ReturnType<typeof appendEvent>>(EVENTS).fill(appendEvent(emptyEvent)));
    const calls: Exchange[] = [];
    for (let count = 0; count < CALLS; count++) {
      const call = greedy.begin({ path: APPEND });
      await call.send([Buffer.concat([...sent(appendOptions(fresh())), ...events])]);
      calls.push(call);
    }
    const refused = () => calls.filter(({ status }) => status !== undefined);
    await calls[CALLS - 1]?.until(() => refused().includes(calls[CALLS - 1] as Exchange), 60_000);
    await greedy.roundTrips();
    expect(refused().length).toBeGreaterThan(5);
    expect(new Set(refused().map(({ status }) => status))).toEqual(new Set([STATUS.exhausted]));
    expect((await held()) - before).toBeLessThan(ALLOWED_MIB);
    greedy.close();
    await stage.peer.roundTrips(50);
    expect((await held()) - before).toBeLessThan(BUDGET_MIB / 4);
    const append = { path: APPEND, chunks: [Buffer.concat([...sent(appendOptions(fresh())), ...events])] };
    expect((await stage.peer.call(append)).status).toBe(STATUS.ok);
  }, 120_000);
});

describe('the embedded event store, sent appends that are kept open', () => {
  const stage = hostileStage();
  let greedy: RawPeer;
  beforeEach(async () => (greedy = await RawPeer.connect(stage.node.connectionString)));
  afterEach(() => greedy.close());
  const held = async (): Promise<number> => (await stage.node.memory()).heldMiB;

  it('forgets the events of a classic append that it has refused, even if the caller does not leave', async () => {
    const CALLS = 60;
    const tooMany = Array<ReturnType<typeof appendEvent>>(10_001).fill(appendEvent({ type: 'x', bytes: 0 }));
    const body = Buffer.concat(sent(appendOptions('refused'), ...tooMany));
    const before = await held();
    for (let count = 0; count < CALLS; count++) {
      const call = greedy.begin({ path: APPEND });
      await call.send([body]);
      await call.until(() => call.status !== undefined);
      expect(call.status).toBe(STATUS.invalid);
    }
    expect((await held()) - before).toBeLessThan(CALLS / 2);
  });

  it('counts towards its budget what an unfinished append takes before it has any events', async () => {
    const CALLS = 60;
    const begin = batchPart({ options: batchOptions('n'.repeat(1_000)), events: [], final: false }).serializeBinary();
    const named = (): Uint8Array => batchPart({ events: [], final: false }).serializeBinary();
    const before = await held();
    for (let count = 0; count < CALLS; count++) {
      const appends = Array.from({ length: 1_000 }, () => framed(Buffer.concat([begin, named()])));
      await greedy.begin({ path: BATCH_APPEND }).send([Buffer.concat(appends)]);
    }
    await greedy.roundTrips();
    expect((await held()) - before).toBeLessThan(1.5 * BUDGET_MIB);
    greedy.close();
    await stage.peer.roundTrips(50);
  }, 120_000);
});

describe('the embedded event store, sent large bodies by strangers', () => {
  const stage = hostileStage();
  const CONNECTIONS = 60;
  const BODY_MIB = 15;
  const BODY = framed(Buffer.alloc(BODY_MIB * MIB), { length: (BODY_MIB + 1) * MIB });

  it.each([
    '/event_store.client.streams.Streams/Delete',
    '/event_store.client.operations.Operations/StartScavenge',
    '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
    '/event_store.client.gossip.Gossip/Read',
    READ,
    APPEND,
    BATCH_APPEND,
  ])(
    '%s answers without keeping what it does not need',
    async (path) => {
      const before = await stage.node.memory();
      const peers = await Promise.all(
        Array.from({ length: CONNECTIONS }, () => RawPeer.connect(stage.node.connectionString, { credential: false })),
      );
      const calls = peers.map((peer) => peer.begin({ path }));
      for (const call of calls) call.stream.write(BODY);
      const answered = await Promise.all(calls.map((call) => call.until(() => call.status !== undefined)));
      expect(answered.filter((is) => !is)).toEqual([]);
      await stage.peer.roundTrips(50);
      const after = await stage.node.memory();
      peers.forEach((peer) => peer.close());
      expect(after.heldMiB - before.heldMiB).toBeLessThan((CONNECTIONS * BODY_MIB) / 20);
      expect(after.residentMiB - before.residentMiB).toBeLessThan((CONNECTIONS * BODY_MIB) / 4);
    },
    120_000,
  );
});
