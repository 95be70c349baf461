/** More work waits than can be done in time; try again later. */
export class TooBusy extends Error {
  override readonly name = 'TooBusy';
}

/** Lets so many pieces of work run at once and so many more wait; the rest is refused at once. */
export class Gate {
  readonly #atOnce: number;
  readonly #waitingMax: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, waitingMax: number) {
    this.#atOnce = atOnce;
    this.#waitingMax = waitingMax;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running += 1;
    else if (this.#waiting.length >= this.#waitingMax) throw new TooBusy('too much of this work is waiting already');
    // Whoever leaves hands its place over, so that nobody who comes later slips in between.
    else await new Promise<void>((admitted) => this.#waiting.push(admitted));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
