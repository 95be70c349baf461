/**
 * The tasks that somebody still has to finish: queued or in a worker's hands. While there are any, virtual
 * time stands still, because what they do next may set or cancel a timer.
 */
export class InFlight {
  readonly #tasks = new Set<object>();
  /** Tasks that time no longer waits for: they outlasted an earlier wait. */
  readonly #givenUp = new WeakSet();
  #waiters: (() => void)[] = [];

  enter(task: object): void {
    this.#tasks.add(task);
  }

  leave(task: object): void {
    if (!this.#tasks.delete(task) || this.#waiters.length === 0 || this.#awaited() > 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  get size(): number {
    return this.#tasks.size;
  }

  #awaited(): number {
    let count = 0;
    for (const task of this.#tasks) if (!this.#givenUp.has(task)) count++;
    return count;
  }

  /** Resolves when all is quiet, or after `patienceMs`; what is still running then is not waited for again. */
  async quiet(patienceMs: number): Promise<void> {
    if (this.#awaited() === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      timer = setTimeout(resolve, patienceMs);
    });
    clearTimeout(timer);
    for (const task of this.#tasks) if (this.#awaited() > 0) this.#givenUp.add(task);
  }
}
