const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * The tasks that somebody still has to finish: queued or in a worker's hands. While there are any, virtual
 * time stands still, because what they do next may set or cancel a timer.
 */
export class InFlight {
  readonly #tasks = new Set<object>();
  /** Tasks that time no longer waits for: they outlasted an earlier wait. */
  #givenUp = new WeakSet();
  #waiters: (() => void)[] = [];

  get size(): number {
    return this.#tasks.size;
  }

  enter(task: object): void {
    this.#tasks.add(task);
  }

  leave(task: object): void {
    if (!this.#tasks.delete(task) || this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** What was given up while nobody was there to do it counts again. */
  reconsider(): void {
    this.#givenUp = new WeakSet();
  }

  get #isQuiet(): boolean {
    for (const task of this.#tasks) if (!this.#givenUp.has(task)) return false;
    return true;
  }

  /** Resolves when all is quiet, or after `patienceMs`; what is still running then is not waited for again. */
  async quiet(patienceMs: number): Promise<void> {
    const endMs = Date.now() + patienceMs;
    for (;;) {
      // One task's end is often another one's beginning: a whole turn must pass without any.
      await nextTurn();
      await nextTurn();
      if (this.#isQuiet) return;
      if (Date.now() >= endMs) break;
      await this.#someEnd(endMs - Date.now());
    }
    for (const task of this.#tasks) this.#givenUp.add(task);
  }

  async #someEnd(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
  }
}
