import type { Clock } from '../../kernel/clock.js';
import type { Settling } from '../subscriptions/settling.js';

/** The clock of an embedded Temporal node that was asked to be movable. */
export type MovableNodeClock = Readonly<{
  /** Goes to the next deadline, but not past `until`; `afresh` waits for what an earlier wait gave up. */
  step: (until: Date, afresh?: boolean) => Promise<Date>;
  /** Goes on through all deadlines at once; for when nobody else is there to react. */
  advance: (span: number | string) => Promise<Date>;
}>;

const SETTLE_MAX_MS = 20_000;
const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SPAN = /^(\d{1,9})(ms|s|m|h|d)$/;
export const SPAN_MAX_MS = 400 * UNITS_MS.d;

/** `3d`, `90m`, `250ms`; null where it is none. */
export const spanMsOf = (span: string): number | null => {
  const [, amount, unit] = SPAN.exec(span) ?? [];
  return amount === undefined ? null : Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
};

/**
 * Moves the time of the service and of its processes together, one deadline after the other, and lets
 * everybody react in between: three days give the history that three real days would have given.
 */
export class MovingTime {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    private readonly node: MovableNodeClock,
    private readonly settling: Settling,
  ) {}

  now(): Date {
    return this.clock.now();
  }

  advance(byMs: number): Promise<Date> {
    return this.inTurn(async () => {
      const until = new Date(this.clock.now().getTime() + byMs);
      await this.settledNow(true);
      while (this.clock.now() < until) {
        await this.settledNow();
        await this.node.step(until);
      }
      await this.settledNow();
      return this.clock.now();
    });
  }

  /** Resolves when nothing is under way any more, short of waiting for time to pass. */
  settled(): Promise<void> {
    return this.inTurn(() => this.settledNow(true));
  }

  private async settledNow(afresh = false): Promise<void> {
    for (;;) {
      await this.settling.quiet(SETTLE_MAX_MS);
      const before = this.settling.happened;
      // A step to a moment that has been waits for the workers and moves nothing.
      await this.node.step(new Date(0), afresh);
      if (this.settling.isQuiet && this.settling.happened === before) return;
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work, work);
    this.turn = mine;
    return mine;
  }
}
