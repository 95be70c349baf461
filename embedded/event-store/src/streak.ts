import { startInWorker, type RunningNode } from '@shomei/embedded-kit';

/**
 * What node and host have in common in memory: one number, which changes with every lone append of a streak and is 0
 * when there is no streak. A client in the host then need not be woken for its answer (`keepPace`).
 */
export class Streak {
  readonly shared: SharedArrayBuffer;
  private readonly cell: Int32Array;
  private count = 0;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.cell = new Int32Array(shared);
  }

  goOn(): void {
    this.count = (this.count % 0x3fff_ffff) + 1;
    Atomics.store(this.cell, 0, this.count);
  }

  end(): void {
    Atomics.store(this.cell, 0, 0);
  }

  get state(): number {
    return Atomics.load(this.cell, 0);
  }
}

/** A commit that takes longer is not worth staying awake for. */
const PATIENCE_MS = 1;

/**
 * Keeps this thread's event loop from sleeping while a streak goes on: being woken from another thread takes a third of
 * an append's way. Without a streak it costs one look whenever the loop has had something to do, and keeps nothing alive.
 */
export const keepPace = (streak: Streak): (() => void) => {
  let seen = 0;
  let since = 0;
  let next: NodeJS.Immediate;
  const look = (): void => {
    next = setImmediate(look);
    const state = streak.state;
    if (state !== seen) {
      seen = state;
      since = performance.now();
    }
    if (state === 0 || performance.now() - since > PATIENCE_MS) next.unref();
  };
  next = setImmediate(look).unref();
  return () => clearImmediate(next);
};

/** Runs a node in a thread of its own, and keeps this thread awake while clients in it append one after another. */
export const startInStep = async <Options, Ready>(entry: URL, options: Options): Promise<RunningNode<Ready>> => {
  const streak = new Streak();
  const node = await startInWorker<Options & { streak: SharedArrayBuffer }, Ready>(entry, {
    ...options,
    streak: streak.shared,
  });
  const stop = keepPace(streak);
  node.ended.then(stop, stop);
  return node;
};
