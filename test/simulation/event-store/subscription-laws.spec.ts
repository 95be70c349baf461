import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import fc from 'fast-check';
import { event, events, idsOf, newStream } from '../../contract/event-store/suites/makings.js';
import type { Connection, FilterChoice, From, Recorded, Subscription } from '../../contract/event-store/vocabulary.js';
import { connect } from '../../kit/db-client.js';
import { eventStoreNodes } from '../../kit/event-store-node.js';

/** The long form: PROPERTY_RUNS=500. A failure prints the seed and the path that repeat it. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 10);
const TIME_MS = 60_000 + RUNS * 6_000;
/** A failure is made smaller as long as there is time, and told before Jest loses its patience. */
const OPTIONS = { numRuns: RUNS, interruptAfterTimeLimit: 0.8 * TIME_MS, markInterruptAsFailure: true };
/** More than the node keeps in memory, so that a catch-up from the start begins in the file. */
const HISTORY = 9_000;

interface Follower {
  /** Only where nobody is writing is the end exactly known. */
  readonly startsAfter: number | 'the writers';
  /** Where to begin: at an end, or behind one of the events that are recorded by then (as a share of them). */
  readonly from: 'start' | 'end' | number;
  readonly source: 'all' | 'stream' | 'filter';
  readonly filter: number;
  readonly window: number;
}

interface Scenario {
  /** What each writer appends, group by group, and to which of its streams. */
  readonly writers: readonly (readonly { stream: number; type: number; size: number; pauseMs: number }[])[];
  readonly followers: readonly Follower[];
}

const TYPES = ['kind.Red', 'kind.Green', 'other.Blue'];

const scenario: fc.Arbitrary<Scenario> = fc.record({
  writers: fc.array(
    fc.array(
      fc.record({
        stream: fc.nat({ max: 2 }),
        type: fc.nat({ max: 2 }),
        size: fc.integer({ min: 1, max: 20 }),
        pauseMs: fc.nat({ max: 3 }),
      }),
      { minLength: 5, maxLength: 25 },
    ),
    { minLength: 1, maxLength: 4 },
  ),
  followers: fc.array(
    fc.record({
      startsAfter: fc.oneof(fc.nat({ max: 60 }), fc.constant('the writers' as const)),
      from: fc.oneof(fc.constantFrom<'start' | 'end'>('start', 'end'), fc.double({ min: 0, max: 1, noNaN: true })),
      source: fc.constantFrom<Follower['source'][]>('all', 'stream', 'filter'),
      filter: fc.nat({ max: 4 }),
      window: fc.integer({ min: 1, max: 40 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

interface Followed {
  readonly subscription: Subscription;
  readonly wanted: (recorded: Recorded) => boolean;
  /**
   * Nothing up to here is due, and everything behind `certainlyBehind`. They are the same position, except for those
   * that begin at the end: where that was, somewhere between asking and having caught up, only the node knows.
   */
  readonly behind: bigint;
  readonly certainlyBehind: bigint;
}

/** One run: streams of its own on a node that has a history. */
class Trial {
  private readonly name = randomUUID();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async write(groups: Scenario['writers'][number]): Promise<void> {
    for (const { stream, type, size, pauseMs } of groups) {
      const group = Array.from({ length: size }, () => event({}, { type: TYPES[type] as string }));
      await this.connection.append(this.streamOf(stream), group);
      if (pauseMs > 0) await after(pauseMs);
    }
  }

  async follow(follower: Follower, written: Promise<unknown>): Promise<Followed> {
    await (follower.startsAfter === 'the writers' ? written : after(follower.startsAfter));
    const choices: [FilterChoice, (recorded: Recorded) => boolean][] = [
      [{ on: 'stream', prefixes: [this.streamOf(0)] }, ({ stream }) => stream === this.streamOf(0)],
      [{ on: 'stream', regex: `^law-${this.name}-[12]$` }, ({ stream }) => /-[12]$/.test(stream) && this.owns(stream)],
      [{ on: 'type', prefixes: ['kind.'] }, ({ type }) => type.startsWith('kind.')],
      [{ on: 'type', regex: 'e$' }, ({ type }) => type.endsWith('e')],
      [{ on: 'stream', prefixes: [`law-${this.name}`, 'nobody'] }, ({ stream }) => this.owns(stream)],
    ];
    const stream = this.streamOf(0);
    const begun = (subscription: Subscription, wanted: Followed['wanted'], behind: bigint): Followed => ({
      subscription,
      wanted,
      behind,
      certainlyBehind: behind,
    });
    const headBefore = await this.head();
    const atEnd = async (subscription: Subscription, wanted: Followed['wanted']): Promise<Followed> => {
      await subscription.until(({ caughtUp }) => caughtUp > 0);
      return { subscription, wanted, behind: headBefore, certainlyBehind: await this.head() };
    };
    if (follower.source === 'stream') {
      const ofStream = (each: Recorded): boolean => each.stream === stream;
      if (follower.from === 'end') return atEnd(this.connection.subscribeToStream(stream, 'end'), ofStream);
      const recorded = await this.connection.readStream(stream).catch(() => []);
      const share = follower.from === 'start' ? -1 : Math.floor(follower.from * (recorded.length - 1));
      const last = recorded[share];
      return begun(this.connection.subscribeToStream(stream, last?.revision), ofStream, last?.position ?? 0n);
    }
    const [filter, matches] = choices[follower.filter] as (typeof choices)[number];
    const filtered = follower.source === 'filter';
    const wanted = filtered ? matches : () => true;
    const subscribe = (from: From): Subscription =>
      this.connection.subscribeToAll(from, filtered ? { ...filter, window: follower.window } : undefined);
    if (follower.from === 'end') return atEnd(subscribe('end'), wanted);
    if (follower.from === 'start') return begun(subscribe('start'), wanted, 0n);
    const from = BigInt(Math.floor(follower.from * Number(headBefore)));
    return begun(subscribe(from), wanted, from);
  }

  /** Each is wanted by somebody, and everybody wants one of them: who has it has everything before it. */
  async appendLast(): Promise<void> {
    for (const stream of [1, 0])
      await this.connection.append(this.streamOf(stream), [event({}, { type: 'kind.Blue' })]);
  }

  private async head(): Promise<bigint> {
    return (await this.connection.readAll({ backwards: true, count: 1 }))[0]?.position ?? 0n;
  }

  private streamOf(index: number): string {
    return `law-${this.name}-${index}`;
  }

  private owns(stream: string): boolean {
    return stream.startsWith(`law-${this.name}`);
  }
}

/** Thousands of ids: only the first that differ are worth printing, and comparing them all is slow otherwise. */
const expectSame = (ids: readonly string[], due: readonly string[]): void => {
  const at = due.findIndex((id, index) => id !== ids[index]);
  const around = (list: readonly string[]) => (at < 0 ? [] : list.slice(Math.max(0, at - 2), at + 3));
  expect({ count: ids.length, at, around: around(ids) }).toEqual({ count: due.length, at: -1, around: around(due) });
};

describe('the laws of subscriptions', () => {
  const nodes = eventStoreNodes();
  let connection: Connection;
  const log: Recorded[] = [];
  /** The whole log; what has been read before is not read again. */
  const wholeLog = async (): Promise<readonly Recorded[]> => {
    log.push(...(await connection.readAll({ from: (log.at(-1)?.position ?? 0n) + 1n })));
    return log;
  };

  const openNode = async (): Promise<void> => {
    connection = connect((await nodes.start({ insecure: true })).connectionString);
    log.length = 0;
    const stream = newStream('history');
    for (let group = 0; group < HISTORY / 250; group++) await connection.append(stream, events(250));
  };
  /** Followers from the start read everything: in the long form the log is not left to grow for ever. */
  const renewNode = async (): Promise<void> => {
    if (log.length < 3 * HISTORY) return;
    await connection.close();
    await openNode();
  };
  beforeAll(openNode);
  afterAll(() => connection.close());

  const check = ({ subscription, wanted, behind, certainlyBehind }: Followed, all: readonly Recorded[]): void => {
    const ids = idsOf(subscription.events);
    const possible = all.filter((each) => wanted(each) && each.position > behind);
    const certain = possible.filter(({ position }) => position > certainlyBehind).length;
    expect(ids.length).toBeGreaterThanOrEqual(certain);
    expectSame(ids, idsOf(possible.slice(Math.max(0, possible.length - Math.max(ids.length, certain)))));
    const { checkpoints } = subscription;
    expect(checkpoints.every((position, index) => index === 0 || position > (checkpoints[index - 1] as bigint))).toBe(
      true,
    );
  };

  it(
    'nothing is lost, nothing comes twice and nothing out of order, whatever is appended meanwhile',
    () =>
      fc.assert(
        fc
          .asyncProperty(scenario, async ({ writers, followers }) => {
            const trial = new Trial(connection);
            const written = Promise.all(writers.map((groups) => trial.write(groups)));
            const everybody = await Promise.all(followers.map((follower) => trial.follow(follower, written)));
            await written;
            // Twice: what comes again after its time comes at the latest before the next that is due.
            for (let time = 0; time < 2; time++) {
              await trial.appendLast();
              const all = await wholeLog();
              for (const { subscription, wanted } of everybody) {
                const lastId = all.findLast(wanted)?.id;
                await subscription.until((seen) => seen.events.findLast(({ id }) => id === lastId) !== undefined);
              }
            }
            for (const followed of everybody) check(followed, log);
            await Promise.all(everybody.map(({ subscription }) => subscription.stop()));
          })
          .beforeEach(renewNode),
        OPTIONS,
      ),
    TIME_MS,
  );

  it(
    'a search that is resumed from any of its checkpoints finds what is still to come, and nothing twice',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 30 }),
          fc.integer({ min: 1, max: 4 }),
          fc.nat(),
          async (window, every, pick) => {
            const stream = newStream('rare');
            const filter = { on: 'stream', prefixes: [stream], window, checkpointEvery: every } as const;
            const from = (await connection.readAll({ backwards: true, count: 1 }))[0]?.position ?? 0n;
            for (let group = 0; group < 5; group++) {
              await connection.append(newStream('noise'), events(40));
              await connection.append(stream, events(1));
            }
            const search = connection.subscribeToAll(from, filter);
            await search.until(({ events: found, caughtUp }) => found.length === 5 && caughtUp > 0);
            expect(search.checkpoints.length).toBeGreaterThanOrEqual(Math.floor(205 / (window * every)) - 1);
            const checkpoint = search.checkpoints[pick % Math.max(1, search.checkpoints.length)] ?? from;
            const resumed = connection.subscribeToAll(checkpoint, filter);
            await resumed.until(({ caughtUp }) => caughtUp > 0);
            // One more: what comes twice comes at the latest before it.
            await connection.append(stream, events(1));
            const own = await connection.readStream(stream);
            const lastId = own.at(-1)?.id;
            for (const each of [search, resumed]) await each.until((seen) => seen.events.at(-1)?.id === lastId);
            expect(idsOf(search.events)).toEqual(idsOf(own));
            expect(idsOf(resumed.events)).toEqual(idsOf(own.filter(({ position }) => position > checkpoint)));
            await Promise.all([search.stop(), resumed.stop()]);
          },
        ),
        OPTIONS,
      ),
    TIME_MS,
  );
});
