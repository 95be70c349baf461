import { availableParallelism } from 'node:os';

/** As long as a client takes between an answer and its next append; whoever takes longer is not waited for. */
const SPAN_MS = Number(process.env['S2_SPAN'] ?? 0.3);
/** Appends that have to come one by one, each within the span, before the next is waited for awake. */
const EARNED = 8;

/**
 * Stays awake for the next of lone appends that follow one another: to be woken takes a thread up to a tenth of a
 * millisecond, which is a fifth of such an append. Waits in turns of the event loop, so that nobody else has to wait, and
 * only where the client has a core of its own.
 */
export class Wakefulness {
  private readonly possible = availableParallelism() > 1 && SPAN_MS > 0;
  private atWork = 0;
  private inARow = 0;
  private answeredAt = 0;
  private until = 0;
  private waiting = false;

  began(): void {
    this.atWork += 1;
    const follows = this.atWork === 1 && performance.now() < this.answeredAt + SPAN_MS;
    this.inARow = follows ? this.inARow + 1 : 0;
    this.until = 0;
  }

  answered(): void {
    this.atWork -= 1;
    this.answeredAt = performance.now();
    if (!this.possible || this.atWork > 0 || this.inARow < EARNED) return;
    this.until = this.answeredAt + SPAN_MS;
    if (this.waiting) return;
    this.waiting = true;
    setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    this.waiting = performance.now() < this.until;
    if (this.waiting) setImmediate(this.turn);
  };
}
