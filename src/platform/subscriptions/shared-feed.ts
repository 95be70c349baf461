import {
  type EventFeed,
  type EventStore,
  EventStoreUnavailable,
  type Handed,
  isLater,
  positionOf,
} from '../event-store/event-store.js';
import type { Position } from '../event-store/recorded.js';
import { NOTHING_WAITING, whenIdle } from './idle.js';
import { Lane } from './lane.js';

/** Whoever is so far behind reads the store again from where it stands. */
const WAITING_MAX = 5_000;
/** How many events of others somebody reads again at most after a restart, of those that anybody here follows. */
const PASSED_EVERY = 10_000;

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
  /** Up to where the common one has handed out everything. */
  private upTo: Position | null = null;

  constructor(
    private readonly store: Source,
    /** Of everybody who follows; asked when the first of them begins. */
    private readonly typePrefixes: () => readonly string[],
    private readonly waitingMax = WAITING_MAX,
    private readonly passedEvery = PASSED_EVERY,
  ) {}

  feed(after: Position | null, typePrefixes: readonly string[]): EventFeed<Handed> {
    return new SharedFeedMember(this, this.store, after, () => new Lane(typePrefixes, this.waitingMax));
  }

  /** From now on the lane misses nothing that is recorded behind the position that is answered. */
  async join(lane: Lane): Promise<Position | null> {
    for (;;) {
      const common = (this.common ??= this.begin());
      await common;
      // Meanwhile the last of the others may have left, and have taken it along.
      if (this.common === common) break;
    }
    this.lanes.add(lane);
    this.byType.clear();
    return this.upTo;
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
    const opening: Promise<EventFeed> = this.store.newest().then((newest) => {
      if (this.common === opening) this.upTo = newest;
      return this.store.feed(newest, this.typePrefixes());
    });
    opening.then(
      (feed) => this.handOut(feed, opening),
      () => this.forget(opening),
    );
    return opening;
  }

  private async handOut(feed: EventFeed, common: Promise<EventFeed>): Promise<void> {
    let why: unknown = new EventStoreUnavailable('the common subscription ended');
    try {
      let count = 0;
      for await (const delivered of feed.events) {
        const { type, position } = delivered.recorded ?? delivered.fault;
        for (const lane of this.lanesOf(type)) lane.put(delivered);
        // One that was ended meanwhile may be behind or ahead of the one that took its place.
        if (this.common !== common) continue;
        this.upTo = position;
        count += 1;
        if (count % this.passedEvery === 0) for (const lane of this.lanes) lane.pass(position);
      }
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
class SharedFeedMember implements EventFeed<Handed> {
  readonly events: AsyncIterable<Handed>;
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

  takeWaiting(max: number): readonly Handed[] {
    return this.isLive ? this.lane!.take(max) : [];
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.lane) this.shared.leave(this.lane);
    await this.own?.stop();
  }

  private async *all(): AsyncGenerator<Handed> {
    while (!this.stopped) {
      // First the lane, then the past: what is recorded in between comes by both ways, and nothing by neither.
      const lane = this.newLane();
      this.lane = lane;
      const upTo = await this.shared.join(lane);
      try {
        if (this.stopped) return;
        yield* this.past(lane.typePrefixes);
        if (this.stopped) return;
        // The lane has all behind it, and what lay before it was looked through.
        if (upTo !== null && (this.after === null || isLater(upTo, this.after))) {
          this.after = upTo;
          yield { passed: upTo };
        }
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

  private async *past(typePrefixes: readonly string[]): AsyncGenerator<Handed> {
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
        : await new Promise<typeof NOTHING_WAITING | IteratorResult<Handed>>((resolve, reject) => {
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
      this.after = positionOf(item.value);
      next = events.next();
      next.catch(() => undefined);
      yield item.value;
    }
    await own.stop();
    this.own = null;
  }
}
