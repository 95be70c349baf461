import { setTimeout as wait } from 'node:timers/promises';
import {
  type EventFeed,
  type EventStore,
  EventStoreUnavailable,
  type Handed,
  type Undecodable,
} from '../event-store/event-store.js';
import type { Position, Recorded } from '../event-store/recorded.js';
import { isDatabaseUnavailable } from '../sql/unavailable.js';
import { NOTHING_WAITING, whenIdle } from './idle.js';

/** Where events go. It keeps its own position, in one transaction with what it makes of them. */
export type Sink = Readonly<{
  name: string;
  typePrefixes: readonly string[];
  position: () => Promise<Position | null>;
  apply: (events: readonly Recorded[], position: Position) => Promise<void>;
  /** Nothing for this one lies before the position: it need not be looked through again. */
  passOver: (position: Position) => Promise<void>;
  /** Puts an event aside that cannot be handled and moves on past it. */
  park: (poison: Undecodable) => Promise<void>;
}>;

/** What an effect needs does not answer. No fault of the event: it waits, and those behind it wait too. */
export class OutsideUnavailable extends Error {
  override readonly name = 'OutsideUnavailable';
}

const passes = (error: unknown): boolean =>
  error instanceof OutsideUnavailable || error instanceof EventStoreUnavailable || isDatabaseUnavailable(error);

export type SubscriptionListener = Readonly<{
  applied: (sink: string, eventIds: readonly string[]) => void;
  parked: (sink: string, poison: Undecodable) => void;
  failed: (sink: string, error: unknown) => void;
}>;

export type Limits = Readonly<{
  batchMax: number;
  /** After a batch of so many of the newest events more are coming: what comes in a breath shares a transaction. */
  crowd: number;
  breathMs: number;
  attemptsMax: number;
  retryMs: number;
  reconnectMaxMs: number;
}>;

const LIMITS: Limits = {
  batchMax: 500,
  crowd: 4,
  breathMs: 20,
  attemptsMax: 5,
  retryMs: 50,
  reconnectMaxMs: 5_000,
};

const poisonOf = ({ id, type, stream, revision, position, data }: Recorded, error: unknown): Undecodable => ({
  // Of an event that is at fault nothing is taken for granted.
  fields: Object.keys(data ?? {}),
  id,
  type,
  stream,
  revision,
  position,
  fault: error instanceof Error ? error.message : String(error),
});

const idsOf = (events: readonly Recorded[]): readonly string[] => events.map(({ id }) => id);

/** Where events come from: the store itself, or what several share. */
export type Source = Readonly<{ feed: (...where: Parameters<EventStore['feed']>) => EventFeed<Handed> }>;

/** Hands committed events to one sink, in order, at least once, for as long as it runs. */
export class Subscription {
  private feed: EventFeed<Handed> | null = null;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();
  private announced = false;
  private readonly caughtUpOnce = Promise.withResolvers<void>();

  /** True while everything that was there has been applied. */
  caughtUp = false;

  constructor(
    private readonly store: Source,
    private readonly sink: Sink,
    private readonly listener: SubscriptionListener,
    private readonly limits: Limits = LIMITS,
  ) {}

  start(): void {
    this.stopping = false;
    this.running = this.run();
  }

  /** Resolves when the sink has caught up for the first time. */
  untilCaughtUp(): Promise<void> {
    return this.caughtUpOnce.promise;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.feed?.stop();
    await this.running;
    this.caughtUp = false;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stopping;) {
      try {
        this.announced = false;
        const position = await this.sink.position();
        // Asked to stop meanwhile: a feed that was opened now nobody would stop.
        if (this.stopping) return;
        this.feed = this.store.feed(position, this.sink.typePrefixes);
        this.feed.onCaughtUp(() => (this.announced = true));
        await this.drain(this.feed, () => (failures = 0));
      } catch (error) {
        this.caughtUp = false;
        this.listener.failed(this.sink.name, error);
        failures += 1;
        await this.feed?.stop();
        await this.pause(Math.min(this.limits.retryMs * 2 ** failures, this.limits.reconnectMaxMs));
      }
    }
  }

  /** Takes whatever is waiting as one batch: one transaction for many events while catching up, one each when live. */
  private async drain(feed: EventFeed<Handed>, progressed: () => void): Promise<void> {
    const events = feed.events[Symbol.asyncIterator]();
    let next = events.next();
    for (;;) {
      const batch: Handed[] = [];
      while (batch.length < this.limits.batchMax) {
        const idle = batch.length > 0 || !this.caughtUp;
        const item = await (idle ? Promise.race([next, whenIdle()]) : next);
        if (item === NOTHING_WAITING) break;
        if (item.done) return this.applied(batch, progressed);
        batch.push(item.value);
        batch.push(...(feed.takeWaiting?.(this.limits.batchMax - batch.length) ?? []));
        next = events.next();
        // Left alone until the next round, a rejection would count as unhandled.
        next.catch(() => undefined);
      }
      // More than fits in one batch waits, so there is something to catch up on.
      if (batch.length === this.limits.batchMax) this.caughtUp = false;
      await this.applied(batch, progressed);
      if (batch.length === 0 && this.announced) this.setCaughtUp();
      if (batch.length === 0 && !this.caughtUp) await wait(1);
      if (batch.length >= this.limits.crowd && this.caughtUp) await this.pause(this.limits.breathMs);
    }
  }

  private setCaughtUp(): void {
    this.caughtUp = true;
    this.caughtUpOnce.resolve();
  }

  private async applied(batch: readonly Handed[], progressed: () => void): Promise<void> {
    let run: Recorded[] = [];
    for (const handed of batch) {
      if ('recorded' in handed && handed.recorded) {
        run.push(handed.recorded);
        continue;
      }
      await this.apply(run);
      run = [];
      if ('passed' in handed) await this.sink.passOver(handed.passed);
      else await this.park(handed.fault);
    }
    await this.apply(run);
    if (batch.length > 0) progressed();
  }

  private async apply(events: readonly Recorded[]): Promise<void> {
    const last = events.at(-1);
    if (!last) return;
    try {
      await this.sink.apply(events, last.position);
      this.listener.applied(this.sink.name, idsOf(events));
    } catch (error) {
      if (passes(error)) throw error;
      if (events.length === 1) return this.applyStubborn(last, error);
      // One of them is at fault; alone each shows whether it is the one.
      for (const event of events) await this.apply([event]);
    }
  }

  private async applyStubborn(event: Recorded, first: unknown): Promise<void> {
    let error = first;
    for (let attempt = 2; attempt <= this.limits.attemptsMax && !this.stopping; attempt += 1) {
      await this.pause(this.limits.retryMs * 2 ** (attempt - 2));
      try {
        await this.sink.apply([event], event.position);
        return this.listener.applied(this.sink.name, idsOf([event]));
      } catch (again) {
        if (passes(again)) throw again;
        error = again;
      }
    }
    // Cut short by the stop, it has not shown that it is poison; it comes again after the restart.
    if (this.stopping) throw error;
    await this.park(poisonOf(event, error));
  }

  private async park(poison: Undecodable): Promise<void> {
    // If the sink's store is what failed, parking fails too, and the loop begins again at the checkpoint.
    await this.sink.park(poison);
    this.listener.parked(this.sink.name, poison);
  }

  private async pause(ms: number): Promise<void> {
    if (!this.stopping) await wait(ms);
  }
}
