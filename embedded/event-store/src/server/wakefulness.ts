import { availableParallelism } from 'node:os';
import type { Streak } from '../streak.js';

/** A client that has nothing else to do takes less between an answer and its next append; nobody is waited for longer. */
export const SPAN_MS = 0.5;
/** So many appends have to follow one another, each alone and within the span, before the next is waited for. */
export const EARNED = 4;

/** Where an append takes longer, disk or processor are busy with others, and being woken is the least of it. */
export const SLOW_MS = 1;

/** What time and turns are taken from, and whether the client has a core of its own. */
export interface Surroundings {
  readonly now: () => number;
  readonly nextTurn: (then: () => void) => unknown;
  readonly cores: number;
}

/**
 * Stays awake for the next of lone appends that follow one another: to fall asleep and be woken takes a thread, and
 * whoever wakes it, a tenth of such an append. It waits in turns of the event loop, in which everybody else is served.
 */
export class Wakefulness {
  private readonly streak: Streak;
  private readonly around: Surroundings;
  private atWork = 0;
  private inARow = 0;
  private beganAt = -Infinity;
  private answeredAt = -Infinity;
  private until = -Infinity;
  private waiting = false;

  constructor(streak: Streak, around: Surroundings = HERE) {
    this.streak = streak;
    this.around = around;
  }

  began(): void {
    this.atWork += 1;
    this.beganAt = this.around.now();
    const follows = this.atWork === 1 && this.beganAt < this.answeredAt + SPAN_MS;
    this.inARow = follows ? this.inARow + 1 : 0;
    this.until = -Infinity;
    if (this.isStreak()) this.streak.goOn();
    else this.streak.end();
  }

  answered(): void {
    this.atWork -= 1;
    if (this.atWork > 0) return;
    this.answeredAt = this.around.now();
    if (this.answeredAt > this.beganAt + SLOW_MS) this.inARow = 0;
    if (!this.isStreak()) {
      this.streak.end();
      return;
    }
    this.until = this.answeredAt + SPAN_MS;
    if (!this.waiting) this.wait();
  }

  private isStreak(): boolean {
    return this.inARow >= EARNED && this.around.cores > 1;
  }

  private readonly wait = (): void => {
    this.waiting = this.around.now() < this.until;
    if (this.waiting) this.around.nextTurn(this.wait);
    else if (this.atWork === 0) this.streak.end();
  };
}

const HERE: Surroundings = {
  now: () => performance.now(),
  nextTurn: (then) => setImmediate(then),
  cores: availableParallelism(),
};
