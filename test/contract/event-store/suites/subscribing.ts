import { randomUUID } from 'node:crypto';
import type { Connection, FilterChoice, Recorded, Subscription } from '../vocabulary.js';
import { event, events, idsOf, newStream, revisionsOf, upTo } from './makings.js';

/** Every subscription of a suite is stopped after its test, however it ended. */
const stoppedAfterEach = () => {
  const open: Subscription[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((subscription) => subscription.stop()));
  });
  return (subscription: Subscription): Subscription => {
    open.push(subscription);
    return subscription;
  };
};

const live = ({ caughtUp }: Subscription): boolean => caughtUp > 0;
const has = (count: number) => (subscription: Subscription) => subscription.events.length >= count;

export const subscribingToStream = (connection: () => Connection): void =>
  describe('a subscription to a stream', () => {
    const kept = stoppedAfterEach();
    const subscribe = (stream: string, from?: 'start' | 'end' | bigint) =>
      kept(connection().subscribeToStream(stream, from));

    it('from the start gives what is there, says once that it has caught up, and goes on with what comes', async () => {
      const stream = newStream();
      await connection().append(stream, events(5));
      const subscription = subscribe(stream);
      await subscription.until(live);
      expect(revisionsOf(subscription.events)).toEqual(upTo(5));
      for (let more = 0; more < 5; more++) await connection().append(stream, [event()]);
      await subscription.until(has(10));
      expect(revisionsOf(subscription.events)).toEqual(upTo(10));
      expect(subscription.caughtUp).toBe(1);
    });

    it('from the end gives only what comes', async () => {
      const stream = newStream();
      await connection().append(stream, events(5));
      const subscription = subscribe(stream, 'end');
      await subscription.until(live);
      await connection().append(stream, events(2));
      await subscription.until(has(2));
      expect(revisionsOf(subscription.events)).toEqual([5n, 6n]);
    });

    it('from a revision begins behind it', async () => {
      const stream = newStream();
      await connection().append(stream, events(5));
      const subscription = subscribe(stream, 2n);
      await subscription.until(live);
      expect(revisionsOf(subscription.events)).toEqual([3n, 4n]);
    });

    it('from the last revision waits for the next', async () => {
      const stream = newStream();
      await connection().append(stream, events(5));
      const subscription = subscribe(stream, 4n);
      await subscription.until(live);
      await connection().append(stream, events(1));
      await subscription.until(has(1));
      expect(revisionsOf(subscription.events)).toEqual([5n]);
    });

    it('may begin before the stream does', async () => {
      const stream = newStream();
      const subscription = subscribe(stream);
      await subscription.until(live);
      await connection().append(stream, events(3));
      await subscription.until(has(3));
      expect(revisionsOf(subscription.events)).toEqual(upTo(3));
    });

    it('gives nothing of other streams', async () => {
      const [stream, other] = [newStream(), newStream()];
      const subscription = subscribe(stream);
      await subscription.until(live);
      await connection().append(other, events(3));
      await connection().append(stream, events(1));
      await subscription.until(has(1));
      expect(subscription.events.map((recorded) => recorded.stream)).toEqual([stream]);
    });

    it('is independent of another to the same stream', async () => {
      const stream = newStream();
      await connection().append(stream, events(3));
      const [early, late] = [subscribe(stream), subscribe(stream, 'end')];
      await Promise.all([early.until(live), late.until(live)]);
      await early.stop();
      await connection().append(stream, events(2));
      await late.until(has(2));
      expect(revisionsOf(late.events)).toEqual([3n, 4n]);
      expect(revisionsOf(early.events)).toEqual(upTo(3));
    });

    it('gives nothing more once it has been stopped', async () => {
      const stream = newStream();
      const [stopped, going] = [subscribe(stream), subscribe(stream)];
      await Promise.all([stopped.until(live), going.until(live)]);
      await stopped.stop();
      await connection().append(stream, events(3));
      await going.until(has(3));
      expect(stopped.events).toEqual([]);
      expect(stopped.failure).toBeUndefined();
    });

    it('loses and repeats nothing while others append', async () => {
      const stream = newStream();
      const writing = (async () => {
        for (let group = 0; group < 60; group++) await connection().append(stream, events(5));
      })();
      await connection().append(stream, events(5));
      const subscriptions = [subscribe(stream), subscribe(stream, 2n), subscribe(stream)];
      await writing;
      await Promise.all(
        subscriptions.map((subscription) => subscription.until((s) => s.events.at(-1)?.revision === 304n)),
      );
      const [all, behind, again] = subscriptions.map((subscription) => revisionsOf(subscription.events));
      expect(all).toEqual(upTo(305));
      expect(behind).toEqual(upTo(305).slice(3));
      expect(again).toEqual(upTo(305));
    });
  });

export const subscribingToAll = (connection: () => Connection): void =>
  describe('a subscription to $all', () => {
    const kept = stoppedAfterEach();
    const subscribe = (from?: 'start' | 'end' | bigint, filter?: FilterChoice) =>
      kept(connection().subscribeToAll(from, filter));
    const ofStream = (subscription: Subscription, stream: string): Recorded[] =>
      subscription.events.filter((recorded) => recorded.stream === stream);

    it('from the start gives exactly what reading gives, in that order, and then what comes', async () => {
      const stream = newStream();
      await connection().append(stream, events(3));
      const subscription = subscribe('start');
      await subscription.until(live);
      const { position } = await connection().append(stream, events(2));
      await subscription.until((s) => s.events.at(-1)?.position === position);
      // A real server writes events of its own meanwhile: compared is what both have seen.
      const read = (await connection().readAll()).filter((recorded) => recorded.position <= position);
      expect(idsOf(subscription.events)).toEqual(idsOf(read));
      expect(subscription.caughtUp).toBe(1);
    });

    it('from a position begins behind it', async () => {
      const stream = newStream();
      const { position } = await connection().append(stream, events(1));
      await connection().append(stream, events(2));
      const subscription = subscribe(position);
      await subscription.until(has(2));
      expect(revisionsOf(ofStream(subscription, stream))).toEqual([1n, 2n]);
    });

    it('from the end gives only what comes', async () => {
      const before = newStream();
      await connection().append(before, events(3));
      const subscription = subscribe('end');
      await subscription.until(live);
      const stream = newStream();
      await connection().append(stream, events(2));
      await subscription.until((s) => ofStream(s, stream).length === 2);
      expect(ofStream(subscription, before)).toEqual([]);
    });

    it('can be resumed from each position it gave, with nothing lost and nothing twice', async () => {
      const stream = newStream();
      await connection().append(stream, events(6));
      const whole = (await connection().readStream(stream)).map(({ position }) => position);
      for (const [index, position] of whole.entries()) {
        const subscription = subscribe(position);
        await subscription.until(live);
        expect(revisionsOf(ofStream(subscription, stream))).toEqual(upTo(6).slice(index + 1));
        await subscription.stop();
      }
    });
  });

export const filtering = (connection: () => Connection): void =>
  describe('a filtered subscription to $all', () => {
    const kept = stoppedAfterEach();
    // A real server remembers what earlier runs wrote: the types are this run's own.
    const run = randomUUID().slice(0, 8);
    const wanted = newStream('wanted');
    const unwanted = newStream('unwanted');
    const subscribe = (filter: FilterChoice, from?: 'start' | 'end' | bigint) =>
      kept(connection().subscribeToAll(from, filter));

    beforeAll(async () => {
      await connection().append(wanted, [event(1, { type: `sort${run}.One` }), event(2, { type: `sort${run}.Two` })]);
      await connection().append(unwanted, [
        event(3, { type: `sort${run}.One` }),
        event(4, { type: `other${run}.Three` }),
      ]);
    });

    it.each<[string, FilterChoice, number[]]>([
      ['stream name prefix', { on: 'stream', prefixes: [wanted] }, [1, 2]],
      ['one of several stream name prefixes', { on: 'stream', prefixes: ['none-', unwanted, wanted] }, [1, 2, 3, 4]],
      ['stream name expression', { on: 'stream', regex: `^(nothing|${wanted})$` }, [1, 2]],
      ['event type prefix', { on: 'type', prefixes: [`sort${run}.`] }, [1, 2, 3]],
      ['event type expression', { on: 'type', regex: `^(sort|other)${run}\\.T` }, [2, 4]],
      ['event type expression without anchors', { on: 'type', regex: `${run}\\.Thr` }, [4]],
    ])('by %s gives the matching events only', async (_, filter, expected) => {
      const subscription = subscribe(filter);
      await subscription.until(live);
      expect(subscription.events.map(({ data }) => data)).toEqual(expected);
    });

    it('keeps filtering when it is live', async () => {
      const category = newStream('live');
      const subscription = subscribe({ on: 'stream', prefixes: [category] }, 'end');
      await subscription.until(live);
      const matching = events(3);
      for (const next of matching) {
        await connection().append(newStream('noise'), events(4));
        await connection().append(`${category}-x`, [next]);
      }
      await subscription.until(has(3));
      expect(idsOf(subscription.events)).toEqual(idsOf(matching));
    });

    it('leaves system events out when asked for those without a dollar sign', async () => {
      const subscription = subscribe({ on: 'type', regex: '^[^$].*' });
      await subscription.until(live);
      expect(subscription.events.some(({ type }) => type.startsWith('$'))).toBe(false);
      expect(subscription.events.length).toBeGreaterThanOrEqual(4);
    });

    it('that finds nothing still reaches checkpoints, from which it can be resumed without loss', async () => {
      const match = newStream('rare');
      await connection().append(newStream('noise'), events(200));
      const searching = subscribe({ on: 'stream', prefixes: [match], window: 10, checkpointEvery: 2 });
      await searching.until((s) => s.checkpoints.length >= 5 && live(s));
      expect(searching.events).toEqual([]);
      const { checkpoints } = searching;
      expect([...checkpoints].sort((a, b) => (a < b ? -1 : 1))).toEqual(checkpoints);
      expect(new Set(checkpoints).size).toBe(checkpoints.length);
      await connection().append(match, events(1));
      const resumed = subscribe({ on: 'stream', prefixes: [match] }, checkpoints.at(-1));
      await resumed.until(has(1));
      expect(resumed.events[0]?.stream).toBe(match);
    });

    it('reaches checkpoints when it is live, too', async () => {
      const searching = subscribe({ on: 'stream', prefixes: ['never'], window: 5 }, 'end');
      await searching.until(live);
      const before = searching.checkpoints.length;
      const { position } = await connection().append(newStream('noise'), events(50));
      await searching.until((s) => s.checkpoints.length >= before + 5);
      expect(searching.checkpoints.at(-1)).toBeLessThanOrEqual(position);
    });
  });
