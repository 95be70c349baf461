import type { Clock } from '../../src/kernel/clock.js';
import { type MovingTime, spanMsOf } from '../../src/platform/time/moving-time.js';

/** Real time goes on while a test gets its answer; a moment is shown only when it is this near. */
const SHORTLY_MS = 2_000;

export type Span = string | number;

export const msOf = (span: Span): number => {
  const ms = typeof span === 'number' ? span : spanMsOf(span);
  if (ms === null) throw new Error(`not a span of time: ${span}`);
  return ms;
};

/** A clock that goes as real time does, until a test moves it. */
export class TestClock {
  private stands: Date | null = null;
  /** Only where processes keep a time of their own that nobody can move. */
  private offsetMs = 0;

  constructor(
    private readonly going: Clock,
    private readonly time: () => MovingTime | null,
  ) {}

  /** What the service takes for now. */
  now = (): Date => this.stands ?? new Date(this.going.now().getTime() + this.offsetMs);

  /**
   * Lets time pass for the service and its processes: everything that falls due happens, in order, and has
   * settled when this resolves. `3d`, `12h`, `30m`, `5s`, or milliseconds.
   */
  async advance(by: Span): Promise<void> {
    this.stands = null;
    const time = this.time();
    if (time) await time.advance(msOf(by));
    else this.offsetMs += msOf(by);
  }

  /**
   * For the two sides of a bound: goes to just before the moment, then shows the service that very moment
   * until time is moved again. Processes see the moment only when it really comes.
   */
  async standAt(moment: Date | string): Promise<void> {
    const at = new Date(moment);
    const leftMs = at.getTime() - this.going.now().getTime() - this.offsetMs;
    if (leftMs > SHORTLY_MS) await this.advance(leftMs - SHORTLY_MS);
    this.stands = at;
  }

  /** Waits until nothing is under way any more, short of time passing. */
  async settled(): Promise<void> {
    await this.time()?.settled();
  }
}
