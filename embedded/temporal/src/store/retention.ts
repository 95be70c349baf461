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
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, retentionMs: number, nowMs: () => number) {
    this.#store = store;
    this.#retentionMs = retentionMs;
    this.#nowMs = nowMs;
  }

  start(): void {
    const more = this.sweep() === RUNS_AT_ONCE;
    this.#timer = setTimeout(() => this.start(), more ? PAUSE_MS : LOOK_EVERY_MS);
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
