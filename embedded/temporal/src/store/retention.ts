import type { Store } from './store.js';

/** Small bites: removing a month of runs must not stop the node for seconds. */
const RUNS_AT_ONCE = 200;
const PAUSE_MS = 200;
const LOOK_EVERY_MS = 60_000;

/** Removes runs that closed longer ago than the retention, history and index together. */
export class Retention {
  readonly #store: Store;
  readonly #retentionMs: number;
  readonly #nowMs: () => number;
  readonly #guard: (work: () => void) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `guard` ends the node on what goes wrong later, when nobody waits for it. */
  constructor(store: Store, retentionMs: number, nowMs: () => number, guard: (work: () => void) => void) {
    this.#store = store;
    this.#retentionMs = retentionMs;
    this.#nowMs = nowMs;
    this.#guard = guard;
  }

  start(): void {
    const more = this.sweep() === RUNS_AT_ONCE;
    this.#timer = setTimeout(() => this.#guard(() => this.start()), more ? PAUSE_MS : LOOK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** One bite; tells how many runs it removed. */
  sweep(): number {
    return this.#store.removeClosedBefore(this.#nowMs() - this.#retentionMs, RUNS_AT_ONCE);
  }
}
