import { setTimeout as wait } from 'node:timers/promises';
import type { Recorded } from '../event-store/recorded.js';
import type { Sink } from './subscription.js';

const LOOK_EVERY_MS = 2;
/** Who hears before the append has answered hears a moment before; what others recorded is never asked for. */
const EARLY_MAX = 10_000;

/**
 * Knows whether everything that this process recorded has reached everybody who follows. Whoever moves
 * time must not move it past somebody who has not yet heard.
 */
export class Settling {
  private readonly sinks = new Map<string, Set<string>>();
  private readonly waiting = new Map<string, readonly string[]>();
  private deciding = 0;
  /** Counts what happened, so that "nothing since" can be told. */
  happened = 0;

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
    if (heard && heard.size > EARLY_MAX) this.forgetOldest(heard);
    this.happened += 1;
    this.forgetHeard();
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
      for (const name of followers) this.sinks.get(name)?.delete(id);
    }
  }

  /** In the order in which they were heard; nothing that is waited for. */
  private forgetOldest(heard: Set<string>): void {
    for (const id of heard) {
      if (heard.size <= EARLY_MAX) return;
      if (!this.waiting.has(id)) heard.delete(id);
    }
  }
}
