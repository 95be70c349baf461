/** The longest time for which this thread's event loop could do nothing else. */
export interface Block {
  /** By the clock, including the time in which the machine ran something else. */
  readonly wallMs: number;
  /** Spent working by this thread itself. */
  readonly ownMs: number;
}

export const longestBlockOf = async (work: () => Promise<unknown>): Promise<Block> => {
  const own = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const longest = { wallMs: 0, ownMs: 0 };
  let last = { wallMs: performance.now(), ownMs: own() };
  const look = (): void => {
    const now = { wallMs: performance.now(), ownMs: own() };
    longest.wallMs = Math.max(longest.wallMs, now.wallMs - last.wallMs);
    longest.ownMs = Math.max(longest.ownMs, now.ownMs - last.ownMs);
    last = now;
  };
  const timer = setInterval(look, 1);
  await work();
  clearInterval(timer);
  look(); // A loop that never came round would otherwise pass for a free one.
  return { wallMs: Number(longest.wallMs.toFixed(2)), ownMs: Number(longest.ownMs.toFixed(2)) };
};
