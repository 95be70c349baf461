import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import fc from 'fast-check';
import { event, events, idsOf, newStream } from '../../contract/event-store/suites/makings.js';
import type { Connection, FilterChoice, From, Recorded, Subscription } from '../../contract/event-store/vocabulary.js';
import { connect } from '../../kit/db-client.js';
import { eventStoreNodes } from '../../kit/event-store-node.js';

/** The long form: PROPERTY_RUNS=500. A failure prints the seed and the path that repeat it. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 10);
/** More than the node keeps in memory, so that a catch-up from the start begins in the file. */
const HISTORY = 9_000;

interface Follower {
  readonly startsAfterMs: number;
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
      startsAfterMs: fc.nat({ max: 60 }),
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
  /** The first position that is due; unknown for those that begin at the end. */
  readonly behind: bigint | undefined;
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

  async follow(follower: Follower): Promise<Followed> {
    await after(follower.startsAfterMs);
    const choices: [FilterChoice, (recorded: Recorded) => boolean][] = [
      [{ on: 'stream', prefixes: [this.streamOf(0)] }, ({ stream }) => stream === this.streamOf(0)],
      [{ on: 'stream', regex: `^law-${this.name}-[12]$` }, ({ stream }) => /-[12]$/.test(stream) && this.owns(stream)],
      [{ on: 'type', prefixes: ['kind.'] }, ({ type }) => type.startsWith('kind.')],
      [{ on: 'type', regex: 'e$' }, ({ type }) => type.endsWith('e')],
      [{ on: 'stream', prefixes: [`law-${this.name}`, 'nobody'] }, ({ stream }) => this.owns(stream)],
    ];
    const stream = this.streamOf(0);
    if (follower.source === 'stream') {
      const recorded = await this.connection.readStream(stream).catch(() => []);
      const last = recorded[Math.floor(Number(follower.from) * (recorded.length - 1))];
      const from: From = typeof follower.from === 'string' ? follower.from : (last?.revision ?? 'start');
      return {
        subscription: this.connection.subscribeToStream(stream, from),
        wanted: (each) => each.stream === stream,
        behind: from === 'end' ? undefined : from === 'start' ? 0n : last?.position,
      };
    }
    const [filter, matches] = choices[follower.filter] as (typeof choices)[number];
    const filtered = follower.source === 'filter';
    const head = (await this.connection.readAll({ backwards: true, count: 1 }))[0]?.position ?? 0n;
    const from: From =
      typeof follower.from === 'string' ? follower.from : BigInt(Math.floor(follower.from * Number(head)));
    return {
      subscription: this.connection.subscribeToAll(from, filtered ? { ...filter, window: follower.window } : undefined),
      wanted: filtered ? matches : () => true,
      behind: from === 'end' ? undefined : from === 'start' ? 0n : from,
    };
  }

  /** Wanted by nearly everybody: whoever has it has everything before it. */
  async appendLast(): Promise<string> {
    const last = event({}, { type: 'kind.Blue' });
    await this.connection.append(this.streamOf(0), [last]);
    return last.id;
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

  const check = (followed: Followed, all: readonly Recorded[]): void => {
    const { subscription, wanted, behind } = followed;
    const ids = idsOf(subscription.events);
    const due = idsOf(all.filter((each) => wanted(each) && (behind === undefined || each.position > behind)));
    // Whoever began at the end may begin anywhere; from there on, nothing may be missing.
    expectSame(ids, behind === undefined ? due.slice(due.length - ids.length) : due);
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
            const following = Promise.all(followers.map((follower) => trial.follow(follower)));
            await Promise.all(writers.map((groups) => trial.write(groups)));
            const everybody = await following;
            // Those at the end have begun before the last event is appended.
            await Promise.all(everybody.map(({ subscription }) => subscription.until(({ caughtUp }) => caughtUp > 0)));
            const lastId = await trial.appendLast();
            const all = await wholeLog();
            expect(all.at(-1)?.id).toBe(lastId);
            for (const followed of everybody) {
              const last = all.findLast((each) => followed.wanted(each) && each.position > (followed.behind ?? 0n));
              const mayStartBehindIt = followed.behind === undefined && last?.id !== lastId;
              if (last !== undefined && !mayStartBehindIt)
                await followed.subscription.until((seen) => seen.events.at(-1)?.id === last.id);
              check(followed, all);
            }
            await Promise.all(everybody.map(({ subscription }) => subscription.stop()));
          })
          .beforeEach(renewNode),
        { numRuns: RUNS },
      ),
    60_000 + RUNS * 4_000,
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
            const own = await connection.readStream(stream);
            const search = connection.subscribeToAll(from, filter);
            await search.until(({ events: found, caughtUp }) => found.length === 5 && caughtUp > 0);
            expect(search.checkpoints.length).toBeGreaterThanOrEqual(Math.floor(205 / (window * every)) - 1);
            const checkpoint = search.checkpoints[pick % Math.max(1, search.checkpoints.length)] ?? from;
            const resumed = connection.subscribeToAll(checkpoint, filter);
            await resumed.until(({ caughtUp }) => caughtUp > 0);
            expect(idsOf(resumed.events)).toEqual(idsOf(own.filter(({ position }) => position > checkpoint)));
            await Promise.all([search.stop(), resumed.stop()]);
          },
        ),
        { numRuns: RUNS },
      ),
    60_000 + RUNS * 4_000,
  );
});
