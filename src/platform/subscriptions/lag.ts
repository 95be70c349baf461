import type { Clock } from '../../kernel/clock.js';
import type { Delivered, EventFeed, EventStore } from '../event-store/event-store.js';
import type { Position } from '../event-store/recorded.js';
import type { Sink } from './subscription.js';

const ANSWER_MAX_MS = 3_000;
const AT_ONCE_MAX = 5;

type Followed = Pick<Sink, 'name' | 'typePrefixes' | 'position'>;
/** Up to where the store holds nothing for a sink that stands at a position. */
type Level = Readonly<{ at: Position | null; upTo: Position }>;

/**
 * How long the oldest event that a sink has not handled has been waiting; 0 where it has handled everything. Asked of
 * the store and not of the subscription: one that has died, hangs or lost its feed would say that all is well.
 */
export class Lags {
  private readonly levels = new Map<string, Level>();
  private readonly unreadable = new Map<string, Readonly<{ id: string; sinceMs: number }>>();

  constructor(
    private readonly store: EventStore,
    private readonly sinks: readonly Followed[],
    private readonly clock: Clock,
  ) {}

  async seconds(): Promise<ReadonlyMap<string, number>> {
    const measured = new Map<string, number>();
    const waiting = [...this.sinks];
    const work = async () => {
      for (let sink = waiting.shift(); sink; sink = waiting.shift())
        measured.set(sink.name, await this.secondsOf(sink));
    };
    await Promise.all(Array.from({ length: AT_ONCE_MAX }, work));
    return measured;
  }

  private async secondsOf({ name, typePrefixes, position }: Followed): Promise<number> {
    // Before the position: what comes in between is the next look's.
    const newest = await this.store.newest();
    const at = await position();
    const level = this.levels.get(name);
    // Most of what is there concerns most sinks not: it is looked through once and not with every look.
    const from = level && level.at === at ? level.upTo : at;
    if (newest === null || from === newest) return 0;
    const first = await firstOf(this.store.feed(from, typePrefixes));
    if (first) return this.waitingSince(name, first);
    this.levels.set(name, { at, upTo: newest });
    return 0;
  }

  private waitingSince(name: string, { recorded, fault }: Delivered): number {
    const nowMs = this.clock.now().getTime();
    if (recorded) return Math.max(0, nowMs - Date.parse(recorded.metadata.occurredAt)) / 1000;
    // It does not tell when it happened, so it waits from when it was seen.
    const seen = this.unreadable.get(name);
    const sinceMs = seen?.id === fault.id ? seen.sinceMs : nowMs;
    this.unreadable.set(name, { id: fault.id, sinceMs });
    return (nowMs - sinceMs) / 1000;
  }
}

const firstOf = async (feed: EventFeed): Promise<Delivered | null> => {
  const nothing = Promise.withResolvers<null>();
  const late = Promise.withResolvers<never>();
  // What came before the announcement has had its turn by then.
  feed.onCaughtUp(() => setImmediate(() => setImmediate(() => nothing.resolve(null))));
  const timer = setTimeout(() => late.reject(new Error('the store does not say what it holds')), ANSWER_MAX_MS);
  const first = feed.events[Symbol.asyncIterator]()
    .next()
    .then(({ value, done }) => (done ? null : value));
  first.catch(() => undefined);
  try {
    return await Promise.race([first, nothing.promise, late.promise]);
  } finally {
    clearTimeout(timer);
    await feed.stop();
  }
};
