import { TooBusy } from './gate.js';

/**
 * One piece of quick work in each turn of the event loop, so many more wait, the rest is refused at once. Work that is
 * too short for a thread of its own then still leaves the loop to everybody else, however much of it is asked for.
 */
export class Turns {
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** Resolves when it is the caller's turn; throws `TooBusy` when too many wait already. */
  async take(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      setImmediate(this.#next);
      return;
    }
    if (this.#waiting.length >= this.#waitingMax) throw new TooBusy('too much of this work is waiting already');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  readonly #next = (): void => {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#taken = false;
      return;
    }
    setImmediate(this.#next);
    waiting();
  };
}
