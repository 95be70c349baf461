import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { type Delivered, type EventFeed, EventStoreUnavailable, type Handed } from '../event-store/event-store.js';
import type { Recorded } from '../event-store/recorded.js';
import { Lane } from './lane.js';
import { SharedFeed } from './shared-feed.js';
import { Subscription } from './subscription.js';

const eventAt = (n: number, type = n % 3 === 0 ? 'b.Third' : 'a.Other'): Delivered => ({
  recorded: { id: `e${n}`, type, stream: 's-1', revision: n, position: `${n}/${n}` } as Recorded,
});

/** A log that grows, and feeds of it that can be broken; each hands out one event a turn at most. */
class GrowingLog {
  readonly log: Delivered[] = [];
  open = 0;
  opened = 0;
  /** How many events all feeds together looked at. */
  looked = 0;
  private broken = 0;
  private closed = false;

  grow(count: number): void {
    for (let n = 0; n < count; n += 1) this.log.push(eventAt(this.log.length + 1));
  }
  breakAll(): void {
    this.broken += 1;
  }
  close(): void {
    this.closed = true;
  }
  newest(): Promise<string | null> {
    const { length } = this.log;
    return Promise.resolve(length === 0 ? null : `${length}/${length}`);
  }
  feed(after: string | null, prefixes: readonly string[]): EventFeed {
    let caughtUp = (): void => undefined;
    let stopped = false;
    const events = async function* (this: GrowingLog): AsyncGenerator<Delivered> {
      this.open += 1;
      this.opened += 1;
      const { broken } = this;
      try {
        for (let at = after === null ? 0 : Number(after.split('/', 1)[0]); !stopped && !this.closed;) {
          if (this.broken !== broken) throw new EventStoreUnavailable('broken');
          const next = this.log[at];
          if (!next) {
            caughtUp();
            await wait(1);
            continue;
          }
          at += 1;
          this.looked += 1;
          if (prefixes.some((prefix) => next.recorded!.type.startsWith(prefix))) yield next;
          if (at % 7 === 0) await wait(0);
        }
      } finally {
        this.open -= 1;
      }
    };
    return {
      events: events.call(this),
      onCaughtUp: (listener) => (caughtUp = listener),
      isDrained: () => true,
      stop: () => Promise.resolve(void (stopped = true)),
    };
  }
}

const ALL = ['a.', 'b.'];
const idOf = (handed: Handed) => ('passed' in handed ? `up to ${handed.passed}` : handed.recorded!.id);
const idsOf = (log: readonly Delivered[], prefixes: readonly string[], after = 0) =>
  log
    .slice(after)
    .filter(({ recorded }) => prefixes.some((prefix) => recorded!.type.startsWith(prefix)))
    .map(({ recorded }) => recorded!.id);

/** Takes as a follower does: one by the iterator, and with it whatever can be had at once. */
class Taker {
  readonly ids: string[] = [];
  readonly passed: string[] = [];
  caughtUp = 0;
  failure: unknown = null;
  readonly done: Promise<void>;
  private readonly feed: EventFeed<Handed>;

  constructor(shared: SharedFeed, after: string | null, prefixes: readonly string[], slowMs = 0) {
    this.feed = shared.feed(after, prefixes);
    this.feed.onCaughtUp(() => (this.caughtUp += 1));
    this.done = this.take(slowMs).catch((error: unknown) => void (this.failure = error));
  }
  private async take(slowMs: number): Promise<void> {
    for await (const first of this.feed.events) {
      this.note([first]);
      if (slowMs > 0) await wait(slowMs);
      this.note(this.feed.takeWaiting?.(3) ?? []);
    }
  }
  private note(taken: readonly Handed[]): void {
    for (const handed of taken)
      if ('passed' in handed) this.passed.push(handed.passed);
      else this.ids.push(handed.recorded!.id);
  }
  async stop(): Promise<void> {
    await this.feed.stop();
    await this.done;
  }
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let n = 0; n < 2_000 && !holds(); n += 1) await wait(1);
  expect(holds()).toBe(true);
};

describe('a shared feed', () => {
  let store: GrowingLog;
  let shared: SharedFeed;
  beforeEach(() => {
    store = new GrowingLog();
    shared = new SharedFeed(store, () => ALL);
  });
  afterEach(() => store.close());

  it('leaves one subscription at the store once all have caught up, and none when all have left', async () => {
    store.grow(20);
    const takers = [ALL, ['a.'], ['b.'], ALL].map((prefixes) => new Taker(shared, null, prefixes));
    await until(() => takers.every(({ caughtUp }) => caughtUp === 1));
    await until(() => store.open === 1);
    for (const taker of takers) await taker.stop();
    await until(() => store.open === 0);
  });

  it('gives everybody what concerns him, once and in order, from wherever he stands, while the log grows', async () => {
    store.grow(200);
    const cases = [null, '50/50', '199/199', '200/200'].flatMap((after) =>
      [ALL, ['a.'], ['b.'], ['b.Third', 'a.Nothing']].map((prefixes) => ({ after, prefixes })),
    );
    const takers = cases.map(({ after, prefixes }) => new Taker(shared, after, prefixes));
    for (let n = 0; n < 100; n += 1) {
      store.grow(n % 5);
      await wait(n % 3);
    }
    await until(() => takers[0]!.ids.length === store.log.length);
    await wait(20);
    for (const [index, { after, prefixes }] of cases.entries())
      expect(takers[index]!.ids).toEqual(idsOf(store.log, prefixes, after === null ? 0 : Number(after.split('/')[0])));
    for (const taker of takers) await taker.stop();
  });

  it('lets a slow one fall behind alone', async () => {
    const quick = new Taker(shared, null, ALL);
    const slow = new Taker(shared, null, ALL, 2);
    await until(() => quick.caughtUp === 1 && slow.caughtUp === 1);
    store.grow(300);
    await until(() => quick.ids.length === 300);
    expect(slow.ids.length).toBeLessThan(300);
    await until(() => slow.ids.length === 300);
    expect(slow.ids).toEqual(idsOf(store.log, ALL));
    await quick.stop();
    await slow.stop();
  });

  it('lets one read the store again that fell so far behind that nothing was kept for it', async () => {
    const tight = new SharedFeed(store, () => ALL, 10);
    const slow = new Taker(tight, null, ['a.'], 3);
    const quick = new Taker(tight, null, ALL);
    await until(() => quick.caughtUp === 1 && slow.caughtUp === 1);
    // All at once: handed out many times as fast as the slow one takes.
    store.grow(400);
    await until(() => slow.ids.length === idsOf(store.log, ['a.']).length);
    expect(slow.ids).toEqual(idsOf(store.log, ['a.']));
    expect(store.opened).toBeGreaterThan(3);
    await quick.stop();
    await slow.stop();
  });

  it('tells everybody that the store went away, and serves whoever asks again', async () => {
    store.grow(5);
    const first = new Taker(shared, null, ALL);
    await until(() => first.caughtUp === 1 && store.open === 1);
    store.breakAll();
    await first.done;
    expect(first.failure).toBeInstanceOf(EventStoreUnavailable);
    store.grow(5);
    const again = new Taker(shared, '5/5', ALL);
    await until(() => again.ids.length === 5);
    expect(again.ids).toEqual(idsOf(store.log, ALL, 5));
    await again.stop();
  });

  it('keeps nobody waiting who was stopped while he joined', async () => {
    const taker = new Taker(shared, null, ALL);
    await taker.stop();
    await until(() => store.open === 0);
  });
});

describe('what is passed over', () => {
  let store: GrowingLog;
  beforeEach(() => {
    store = new GrowingLog();
  });
  afterEach(() => store.close());

  /** Follows what is rare, as somebody with a position of its own; whatever happened before it stopped counts. */
  const followed = async (position: string | null, growing: number, enough: (sink: Rare) => boolean) => {
    const sink = { position, applied: [] as string[], moves: 0 };
    const subscription = new Subscription(
      new SharedFeed(store, () => ALL, 5_000, 100),
      {
        name: 'rare',
        typePrefixes: ['b.Rare'],
        position: () => Promise.resolve(sink.position),
        apply: (events, to) => {
          sink.applied.push(...events.map(({ id }) => id));
          return Promise.resolve(void (sink.position = to));
        },
        passOver: (to) => {
          sink.moves += 1;
          return Promise.resolve(void (sink.position = to));
        },
        park: () => Promise.reject(new Error('nothing to park')),
      },
      { applied: () => undefined, parked: () => undefined, failed: () => undefined },
    );
    subscription.start();
    await subscription.untilCaughtUp();
    store.grow(growing);
    await until(() => enough(sink));
    await subscription.stop();
    return sink;
  };
  type Rare = Readonly<{ position: string | null; applied: readonly string[]; moves: number }>;
  const numberOf = ({ position }: Rare) => Number(position?.split('/', 1)[0] ?? 0);

  it('at the start is not looked through again by the next start', async () => {
    store.grow(1_000);
    const first = await followed(null, 0, (sink) => numberOf(sink) === 1_000);
    expect(first.applied).toEqual([]);
    store.looked = 0;
    await followed(first.position, 0, () => true);
    expect(store.looked).toBe(0);
  });

  it('while others had work is written now and then, and not looked through again', async () => {
    const first = await followed(null, 1_050, (sink) => numberOf(sink) >= 1_000);
    expect(first).toMatchObject({ applied: [], position: '1000/1000' });
    expect(first.moves).toBeLessThanOrEqual(10);
    store.looked = 0;
    const second = await followed(first.position, 0, (sink) => numberOf(sink) === 1_050);
    expect(store.looked).toBe(50);
    expect(second.applied).toEqual([]);
  });

  it('never takes along what is somebody’s: the rare event between many others comes, once', async () => {
    const rare = (n: number) => eventAt(n, 'b.Rare');
    for (const at of [350, 351, 999]) {
      store.grow(at - 1 - store.log.length);
      store.log.push(rare(at));
    }
    const first = await followed(null, 500, (sink) => numberOf(sink) >= 1_400);
    expect(first.applied).toEqual(['e350', 'e351', 'e999']);
    store.log.push(rare(store.log.length + 1));
    const second = await followed(first.position, 0, (sink) => sink.applied.length > 0);
    expect(second.applied).toEqual(['e1500']);
  });
});

describe('a lane', () => {
  it('says once up to where there is nothing, and only while there is room', () => {
    const lane = new Lane(ALL, 2);
    lane.pass('1/1');
    lane.pass('2/2');
    expect(lane.take(9).map(idOf)).toEqual(['up to 2/2']);
    lane.put(eventAt(3));
    lane.put(eventAt(4));
    lane.pass('4/4');
    expect(lane.overflowed).toBe(false);
    expect(lane.take(9).map(idOf)).toEqual(['e3', 'e4']);
  });

  it('that is full hands out what it holds and says so; what came since is read from the store', async () => {
    const lane = new Lane(ALL, 3);
    for (let n = 1; n <= 5; n += 1) lane.put(eventAt(n));
    const ids: string[] = [];
    for await (const handed of lane.events()) ids.push(idOf(handed));
    expect(ids).toEqual(['e1', 'e2', 'e3']);
    expect(lane).toMatchObject({ overflowed: true, position: '3/3' });
  });

  it('hands nothing out twice that was taken another way, even what the common one brings late', () => {
    const lane = new Lane(ALL, 10);
    lane.put(eventAt(1));
    lane.skipUpTo('3/3');
    for (const n of [2, 3, 4, 5]) lane.put(eventAt(n));
    expect(lane.take(9).map(idOf)).toEqual(['e4', 'e5']);
  });
});
