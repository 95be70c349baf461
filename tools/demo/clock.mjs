import { stop } from './person.mjs';

const NOT_FOUND = 404;
const SPAN_MAX_MS = 86_400_000;

/** The time of the service, which moves on request only where it was started with DEMO_CLOCK=true. */
export class DemoClock {
  constructor(staff, movable) {
    this.staff = staff;
    this.movable = movable;
  }

  static async of(staff) {
    const { status, answer } = await staff.ask('POST', 'demo/clock/advance', { by: '0s' });
    if (status >= 400 && status !== NOT_FOUND) stop(`The clock cannot be asked: ${status} ${answer.code}`);
    return new DemoClock(staff, status !== NOT_FOUND);
  }

  /** Answers the moment it is now, when everything that fell due has happened. */
  async advance(ms) {
    let now;
    let left = ms;
    do {
      const span = Math.min(left, SPAN_MAX_MS);
      ({ now } = await this.staff.does('POST', 'demo/clock/advance', { by: `${span}ms` }));
      left -= span;
    } while (left > 0);
    return new Date(now);
  }

  /** Until nothing is under way any more; where time cannot be asked, whoever waits looks again. */
  settled() {
    return this.movable ? this.advance(0) : new Promise((resolve) => setTimeout(resolve, 300));
  }
}
