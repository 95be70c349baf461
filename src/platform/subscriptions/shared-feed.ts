import { type Delivered, type EventFeed, type EventStore, EventStoreUnavailable } from '../event-store/event-store.js';
import type { Position } from '../event-store/recorded.js';
import { NOTHING_WAITING, whenIdle } from './idle.js';
import { Lane } from './lane.js';

/** Whoever is so far behind reads the store again from where it stands. */
const WAITING_MAX = 5_000;

type Source = Pick<EventStore, 'feed' | 'newest'>;

/**
 * One subscription for all who follow in this process. Each catches up by a feed of its own from where it stands, and is
 * then handed what the common one brings: sent, read and checked once, however many take it.
 */
export class SharedFeed {
  private readonly lanes = new Set<Lane>();
  /** Whom an event of a type concerns, worked out once for each type. */
  private readonly byType = new Map<string, readonly Lane[]>();
  private common: Promise<EventFeed> | null = null;

  constructor(
    private readonly store: Source,
    /** Of everybody who follows; asked when the first of them begins. */
    private readonly typePrefixes: () => readonly string[],
    private readonly waitingMax = WAITING_MAX,
  ) {}

  feed(after: Position | null, typePrefixes: readonly string[]): EventFeed {
    return new SharedFeedMember(this, this.store, after, () => new Lane(typePrefixes, this.waitingMax));
  }

  /** From now on the lane misses nothing that is recorded. */
  async join(lane: Lane): Promise<void> {
    for (;;) {
      const common = (this.common ??= this.begin());
      await common;
      // Meanwhile the last of the others may have left, and have taken it along.
      if (this.common === common) break;
    }
    this.lanes.add(lane);
    this.byType.clear();
  }

  leave(lane: Lane): void {
    lane.close();
    if (!this.lanes.delete(lane)) return;
    this.byType.clear();
    if (this.lanes.size > 0) return;
    const { common } = this;
    this.common = null;
    void common?.then((feed) => feed.stop());
  }

  private begin(): Promise<EventFeed> {
    const opening = this.store.newest().then((newest) => this.store.feed(newest, this.typePrefixes()));
    opening.then(
      (feed) => this.handOut(feed, opening),
      () => this.forget(opening),
    );
    return opening;
  }

  private async handOut(feed: EventFeed, common: Promise<EventFeed>): Promise<void> {
    let why: unknown = new EventStoreUnavailable('the common subscription ended');
    try {
      for await (const delivered of feed.events)
        for (const lane of this.lanesOf((delivered.recorded ?? delivered.fault).type)) lane.put(delivered);
    } catch (error) {
      why = error;
    }
    // Where it was ended on purpose nobody is left, or those who came since have another.
    if (!this.forget(common)) return;
    for (const lane of this.lanes) lane.end(why);
    this.lanes.clear();
    this.byType.clear();
  }

  private forget(common: Promise<EventFeed>): boolean {
    if (this.common !== common) return false;
    this.common = null;
    return true;
  }

  private lanesOf(type: string): readonly Lane[] {
    const known = this.byType.get(type);
    if (known) return known;
    const lanes = [...this.lanes].filter(({ typePrefixes }) => typePrefixes.some((prefix) => type.startsWith(prefix)));
    this.byType.set(type, lanes);
    return lanes;
  }
}

/** What one follower sees of it: its own feed to the end, then the lane, and again if the lane could not hold everything. */
class SharedFeedMember implements EventFeed {
  readonly events: AsyncIterable<Delivered>;
  private own: EventFeed | null = null;
  private lane: Lane | null = null;
  private isLive = false;
  private stopped = false;
  private caughtUp: () => void = () => undefined;

  constructor(
    private readonly shared: SharedFeed,
    private readonly store: Source,
    private after: Position | null,
    private readonly newLane: () => Lane,
  ) {
    this.events = this.all();
  }

  onCaughtUp(listener: () => void): void {
    this.caughtUp = listener;
  }

  isDrained(): boolean {
    return this.isLive && this.lane?.isEmpty === true;
  }

  takeWaiting(max: number): readonly Delivered[] {
    return this.isLive ? this.lane!.take(max) : [];
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.lane) this.shared.leave(this.lane);
    await this.own?.stop();
  }

  private async *all(): AsyncGenerator<Delivered> {
    while (!this.stopped) {
      // First the lane, then the past: what is recorded in between comes by both ways, and nothing by neither.
      const lane = this.newLane();
      this.lane = lane;
      await this.shared.join(lane);
      try {
        if (this.stopped) return;
        yield* this.past(lane.typePrefixes);
        if (this.stopped) return;
        lane.skipUpTo(this.after);
        this.isLive = true;
        if (!lane.overflowed) this.caughtUp();
        yield* lane.events();
        this.after = lane.position;
      } finally {
        this.isLive = false;
        this.shared.leave(lane);
      }
    }
  }

  private async *past(typePrefixes: readonly string[]): AsyncGenerator<Delivered> {
    const own = this.store.feed(this.after, typePrefixes);
    this.own = own;
    let announced = false;
    let wake: (nothing: typeof NOTHING_WAITING) => void = () => undefined;
    own.onCaughtUp(() => {
      announced = true;
      wake(NOTHING_WAITING);
    });
    const events = own.events[Symbol.asyncIterator]();
    let next = events.next();
    // Left alone until the next round, a rejection would count as unhandled.
    next.catch(() => undefined);
    for (;;) {
      const item = announced
        ? await Promise.race([next, whenIdle()])
        : await new Promise<typeof NOTHING_WAITING | IteratorResult<Delivered>>((resolve, reject) => {
            wake = resolve;
            next.then(resolve, reject);
          });
      if (item === NOTHING_WAITING) {
        if (announced && own.isDrained()) break;
        continue;
      }
      if (item.done) {
        if (this.stopped) return;
        throw new EventStoreUnavailable('the subscription ended');
      }
      this.after = (item.value.recorded ?? item.value.fault).position;
      next = events.next();
      next.catch(() => undefined);
      yield item.value;
    }
    await own.stop();
    this.own = null;
  }
}
