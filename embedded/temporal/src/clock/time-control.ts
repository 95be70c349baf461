import type { Clock } from './clock.js';
import type { InFlight } from './in-flight.js';

/** How long an advance waits for workers to react before it goes on to the next deadline. */
const PATIENCE_MS = 1000;
/** A host that steps by itself asks for order above speed. */
const STEP_PATIENCE_MS = 10_000;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Moves the clock for tests and demos. Two ways: `advance` steps through every deadline up to a moment;
 * unlocked, the clock skips to the next deadline by itself whenever nobody has anything to do.
 */
export class TimeControl<T> {
  readonly #clock: Clock<T>;
  readonly #inFlight: InFlight;
  readonly #save: (offsetMs: number) => Promise<void>;
  #advancing: Promise<unknown> = Promise.resolve();
  /** The TestService's counter: time skips while it is zero or less. */
  #locks = 1;
  #skipping = false;

  constructor(clock: Clock<T>, inFlight: InFlight, save: (offsetMs: number) => Promise<void>) {
    this.#clock = clock;
    this.#inFlight = inFlight;
    this.#save = save;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Resolves with the new time once everything that fell due has been worked off. */
  async advance(byMs: number): Promise<number> {
    if (!Number.isFinite(byMs) || byMs < 0) throw new RangeError(`the clock cannot be advanced by ${byMs} ms`);
    return this.advanceTo(() => this.#clock.nowMs() + byMs);
  }

  advanceTo(target: () => number): Promise<number> {
    const step = this.#advancing.then(() => this.#stepTo(target()));
    this.#advancing = step.catch(() => undefined);
    return step;
  }

  /**
   * Goes to the next deadline, but not past `untilMs`, and resolves with the new time when the workers have
   * reacted. For a host with work of its own between two deadlines. `afresh`: waits, too, for what an earlier
   * wait had given up.
   */
  step(untilMs: number, afresh = false): Promise<number> {
    if (!Number.isFinite(untilMs)) throw new RangeError(`the clock cannot be moved to ${untilMs}`);
    const step = this.#advancing.then(async () => {
      if (afresh) this.#inFlight.reconsider();
      await this.#inFlight.quiet(STEP_PATIENCE_MS);
      await this.#moveTo(Math.min(this.#clock.nextDueMs() ?? Infinity, untilMs));
      await this.#inFlight.quiet(STEP_PATIENCE_MS);
      return this.#clock.nowMs();
    });
    this.#advancing = step.catch(() => undefined);
    return step;
  }

  lock(): void {
    this.#locks++;
  }

  unlock(): void {
    this.#locks--;
    this.skipWhenQuiet();
  }

  /** The sleeper's own lock is lifted while it sleeps, so that nothing else keeps time from passing. */
  async sleepUntil(atMs: number, whileUnlocked: boolean): Promise<void> {
    if (whileUnlocked) this.#locks--;
    this.skipWhenQuiet(atMs);
    while (this.#clock.nowMs() < atMs) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      this.skipWhenQuiet(atMs);
    }
    if (whileUnlocked) this.#locks++;
  }

  skipWhenQuiet(noFurtherThanMs = Infinity): void {
    if (this.#locks > 0 || this.#skipping) return;
    this.#skipping = true;
    void this.#skip(noFurtherThanMs).finally(() => {
      this.#skipping = false;
    });
  }

  async #skip(noFurtherThanMs: number): Promise<void> {
    await nextTurn();
    while (this.#locks <= 0 && this.#inFlight.size === 0) {
      const nextMs = Math.min(this.#clock.nextDueMs() ?? Infinity, noFurtherThanMs);
      if (nextMs === Infinity || nextMs <= this.#clock.nowMs()) return;
      await this.#moveTo(nextMs);
      await nextTurn();
    }
  }

  async #stepTo(targetMs: number): Promise<number> {
    await this.#inFlight.quiet(PATIENCE_MS);
    for (;;) {
      const nextMs = this.#clock.nextDueMs();
      if (nextMs === undefined || nextMs > targetMs) break;
      await this.#moveTo(nextMs);
      await this.#inFlight.quiet(PATIENCE_MS);
    }
    await this.#moveTo(targetMs);
    return this.#clock.nowMs();
  }

  async #moveTo(ms: number): Promise<void> {
    this.#clock.moveTo(ms);
    await this.#save(this.#clock.offsetMs);
  }
}
