import { describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type { Delivered, EventFeed, EventStore } from '../event-store/event-store.js';
import { EventStoreUnavailable } from '../event-store/event-store.js';
import type { Recorded } from '../event-store/recorded.js';
import { OutsideUnavailable, type Sink, Subscription } from './subscription.js';

/** Five events, handed out from wherever the sink says it is. */
const eventAt = (n: number) =>
  ({ id: `e${n}`, type: 'a.B', stream: 's-1', revision: n, position: String(n) }) as Recorded;
const store = {
  feed(after: string | null): EventFeed {
    let stopped = (): void => undefined;
    const end = new Promise<void>((resolve) => (stopped = resolve));
    async function* events(): AsyncGenerator<Delivered> {
      for (let n = after === null ? 0 : Number(after) + 1; n < 5; n += 1) yield { recorded: eventAt(n) };
      await end;
    }
    return {
      events: events(),
      onCaughtUp: (listener) => setTimeout(listener, 5),
      isDrained: () => true,
      stop: () => Promise.resolve(stopped()),
    };
  },
} as unknown as EventStore;

const run = async (fault: (event: Recorded, tries: number) => Error | null) => {
  const applied: string[] = [];
  const parked: string[] = [];
  let failures = 0;
  let position: string | null = null;
  const tries = new Map<string, number>();
  const sink: Sink = {
    name: 'sink',
    typePrefixes: ['a.'],
    position: () => Promise.resolve(position),
    apply: (events, to) => {
      for (const event of events) {
        tries.set(event.id, (tries.get(event.id) ?? 0) + 1);
        const wrong = fault(event, tries.get(event.id)!);
        if (wrong) return Promise.reject(wrong);
      }
      applied.push(...events.map(({ id }) => id));
      position = to;
      return Promise.resolve();
    },
    passOver: (to) => Promise.resolve(void (position = to)),
    park: ({ id, position: to }) => {
      parked.push(id);
      position = to;
      return Promise.resolve();
    },
  };
  const listener = { applied: () => undefined, parked: () => undefined, failed: () => (failures += 1) };
  const limits = { batchMax: 2, crowd: 2, breathMs: 1, attemptsMax: 3, retryMs: 1, reconnectMaxMs: 5 };
  const subscription = new Subscription(store, sink, listener, limits);
  subscription.start();
  await subscription.untilCaughtUp();
  for (let n = 0; n < 200 && applied.length + parked.length < 5; n += 1) await wait(5);
  await subscription.stop();
  return { applied, parked, failures, tries };
};

const all = ['e0', 'e1', 'e2', 'e3', 'e4'];

describe('a subscription', () => {
  it('puts an event aside that cannot be handled, and goes on', async () => {
    const { applied, parked } = await run(({ id }) => (id === 'e2' ? new Error('poison') : null));
    expect(applied).toEqual(['e0', 'e1', 'e3', 'e4']);
    expect(parked).toEqual(['e2']);
  });

  it.each([
    ['what an effect needs', new OutsideUnavailable('down')],
    ['the event store', new EventStoreUnavailable('down')],
  ])('waits while %s does not answer, however long, and parks nothing', async (_, down) => {
    const { applied, parked, failures, tries } = await run(({ id }, tried) =>
      id === 'e2' && tried <= 20 ? down : null,
    );
    expect(parked).toEqual([]);
    expect(applied).toEqual(all);
    expect(failures).toBeGreaterThan(5);
    expect(tries.get('e2')).toBe(21);
    // Those behind it had to wait for it.
    expect(tries.get('e4')).toBe(1);
  });
});
