export const NOTHING_WAITING = Symbol('nothing waiting');

/** Whatever has arrived already comes before this. */
export const whenIdle = (): Promise<typeof NOTHING_WAITING> =>
  new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(NOTHING_WAITING))));
