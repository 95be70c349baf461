import { DeadlineHeap, type Deadline } from './deadline-heap.js';

/** Sleep and clock corrections of the machine are noticed within this time, however far the next deadline is. */
const LONGEST_NAP_MS = 30_000;

/**
 * The node's own time: the machine's plus an offset that only ever grows. Everything that is due lies in
 * one heap, in order of time and then of setting, so that moving the clock replays what waiting would do.
 */
export class Clock<T> {
  readonly #heap = new DeadlineHeap<T>();
  #fire: (due: T) => void = () => undefined;
  #offsetMs: number;
  #nap: NodeJS.Timeout | undefined;
  #napUntilMs = Infinity;
  #running = false;
  readonly #moved: (offsetMs: number) => void;

  /** `moved` hears of every offset, the first one too, before anything falls due by it. */
  constructor(offsetMs = 0, moved: (offsetMs: number) => void = () => undefined) {
    this.#offsetMs = offsetMs;
    this.#moved = moved;
    moved(offsetMs);
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  get pending(): number {
    return this.#heap.size;
  }

  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  nextDueMs(): number | undefined {
    return this.#heap.first()?.atMs;
  }

  at(atMs: number, due: T): Deadline<T> {
    const deadline = this.#heap.add(atMs, due);
    this.#arm();
    return deadline;
  }

  cancel(deadline: Deadline<T> | undefined): void {
    if (deadline) this.#heap.remove(deadline);
  }

  start(fire: (due: T) => void): void {
    this.#fire = fire;
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#wake();
  }

  #wake(): void {
    clearTimeout(this.#nap);
    this.#nap = undefined;
    this.#napUntilMs = Infinity;
  }

  /** Fires, in order, all that is due by now. */
  fireDue(): void {
    for (let next = this.#heap.first(); next && next.atMs <= this.nowMs(); next = this.#heap.first()) {
      this.#heap.remove(next);
      this.#fire(next.due);
    }
    this.#arm();
  }

  /** Only forward: events already written must never lie in the future. */
  moveTo(ms: number): void {
    // Stored as an offset, such a time would make every later start of the node useless.
    if (!Number.isFinite(ms)) throw new RangeError(`the clock cannot be moved to ${ms}`);
    this.#offsetMs += Math.max(0, ms - this.nowMs());
    this.#moved(this.#offsetMs);
    // The nap was measured by the old time: by the new one it would end too late.
    this.#wake();
    this.fireDue();
  }

  #arm(): void {
    const nextMs = this.#heap.first()?.atMs ?? Infinity;
    if (!this.#running || (this.#nap && this.#napUntilMs <= nextMs)) return;
    this.#wake();
    if (nextMs === Infinity) return;
    const napMs = Math.min(LONGEST_NAP_MS, Math.max(0, nextMs - this.nowMs()));
    this.#napUntilMs = this.nowMs() + napMs;
    this.#nap = setTimeout(() => {
      this.#nap = undefined;
      this.fireDue();
    }, napMs);
  }
}
