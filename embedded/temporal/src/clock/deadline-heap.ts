/** One thing that is due at one moment. `index` is where the heap keeps it, -1 once it left. */
export interface Deadline<T> {
  readonly atMs: number;
  readonly order: number;
  readonly due: T;
  index: number;
}

/** A binary heap whose entries know their place, so that cancelling one of 100,000 costs a few swaps. */
export class DeadlineHeap<T> {
  readonly #entries: Deadline<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#entries.length;
  }

  first(): Deadline<T> | undefined {
    return this.#entries[0];
  }

  add(atMs: number, due: T): Deadline<T> {
    const entry: Deadline<T> = { atMs, order: this.#order++, due, index: this.#entries.length };
    this.#entries.push(entry);
    this.#rise(entry);
    return entry;
  }

  remove(entry: Deadline<T>): void {
    if (entry.index < 0) return;
    const last = this.#entries.pop();
    if (last && last !== entry) {
      this.#put(last, entry.index);
      this.#rise(last);
      this.#sink(last);
    }
    entry.index = -1;
  }

  #put(entry: Deadline<T>, index: number): void {
    this.#entries[index] = entry;
    entry.index = index;
  }

  /** Equal moments keep the order in which they were set. */
  #before(left: Deadline<T>, right: Deadline<T>): boolean {
    return left.atMs === right.atMs ? left.order < right.order : left.atMs < right.atMs;
  }

  #rise(entry: Deadline<T>): void {
    while (entry.index > 0) {
      const index = entry.index;
      const parent = this.#entries[(index - 1) >> 1];
      if (!parent || !this.#before(entry, parent)) return;
      this.#put(entry, parent.index);
      this.#put(parent, index);
    }
  }

  #sink(entry: Deadline<T>): void {
    for (;;) {
      const index = entry.index;
      const left = this.#entries[2 * index + 1];
      const right = this.#entries[2 * index + 2];
      const child = left && right && this.#before(right, left) ? right : left;
      if (!child || !this.#before(child, entry)) return;
      this.#put(entry, child.index);
      this.#put(child, index);
    }
  }
}
