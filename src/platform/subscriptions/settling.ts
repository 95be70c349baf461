import { setTimeout as wait } from 'node:timers/promises';
import type { Recorded } from '../event-store/recorded.js';
import type { Sink } from './subscription.js';

const LOOK_EVERY_MS = 2;
/** What was heard before its append has answered; far more than can be under way at once. */
const HEARD_EARLY_MAX = 10_000;

/**
 * Knows whether everything that this process recorded has reached everybody who follows. Whoever moves
 * time must not move it past somebody who has not yet heard.
 */
export class Settling {
  /** By sink, what it heard of events whose followers are not waited for yet. */
  private readonly sinks = new Map<string, Set<string>>();
  private readonly waiting = new Map<string, readonly string[]>();
  private deciding = 0;
  /** Counts what happened, so that "nothing since" can be told. */
  happened = 0;

  /** How many events are kept in mind; bounded, however many pass by. */
  get remembered(): number {
    return this.waiting.size + [...this.sinks.values()].reduce((sum, { size }) => sum + size, 0);
  }

  follow<S extends Pick<Sink, 'name' | 'typePrefixes'>>(sink: S): S {
    this.prefixes.set(sink.name, sink.typePrefixes);
    this.sinks.set(sink.name, new Set());
    return sink;
  }
  private readonly prefixes = new Map<string, readonly string[]>();

  began(): void {
    this.deciding += 1;
  }

  ended(): void {
    this.deciding -= 1;
    this.happened += 1;
    this.forgetHeard();
  }

  appended(events: readonly Recorded[]): void {
    for (const { id, type } of events) {
      const followers = [...this.prefixes].filter(([, prefixes]) => prefixes.some((prefix) => type.startsWith(prefix)));
      this.waiting.set(
        id,
        followers.map(([name]) => name),
      );
    }
    this.forgetHeard();
  }

  /** Applied or put aside: either way the sink has moved past it. It may hear before the append has answered. */
  heard(sink: string, eventIds: readonly string[]): void {
    const heard = this.sinks.get(sink);
    for (const id of eventIds) heard?.add(id);
    this.happened += 1;
    this.forgetHeard();
    // A set hands out its oldest first.
    for (const id of heard ?? []) {
      if (heard!.size <= HEARD_EARLY_MAX) break;
      heard!.delete(id);
    }
  }

  get isQuiet(): boolean {
    return this.deciding === 0 && this.waiting.size === 0;
  }

  async quiet(withinMs: number): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!this.isQuiet) {
      if (performance.now() > endMs) throw new Error(`not settled within ${withinMs} ms: ${this.still()}`);
      await wait(LOOK_EVERY_MS);
    }
  }

  private still(): string {
    const names = new Set([...this.waiting.values()].flat());
    return `${this.deciding} commands, ${this.waiting.size} events on their way to ${[...names].join(', ')}`;
  }

  private forgetHeard(): void {
    for (const [id, followers] of this.waiting) {
      if (!followers.every((name) => this.sinks.get(name)?.has(id))) continue;
      this.waiting.delete(id);
      for (const heard of this.sinks.values()) heard.delete(id);
    }
    // Others' events, and those of earlier days: with no append under way nobody will ask for them.
    if (this.isQuiet) for (const heard of this.sinks.values()) heard.clear();
  }
}
