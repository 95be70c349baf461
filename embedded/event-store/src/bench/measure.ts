export interface Rate {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs `work` again and again in `concurrency` lanes for a time, each lane waiting for its own answer. */
export const closedLoop = async (
  concurrency: number,
  seconds: number,
  work: (lane: number) => Promise<unknown>,
): Promise<Rate> => {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const lane = async (_: unknown, number: number): Promise<void> => {
    for (let before = performance.now(); before < end; before = performance.now()) {
      await work(number);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return rateOf(latencies, performance.now() - start);
};

/** The same for work that blocks; each round stands for `size` pieces of it. */
export const tightLoop = (seconds: number, size: number, work: () => void): Rate => {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  for (let before = start; before < end; before = performance.now()) {
    work();
    latencies.push(performance.now() - before);
  }
  const { p50Ms, p99Ms, perSecond } = rateOf(latencies, performance.now() - start);
  return { p50Ms, p99Ms, perSecond: Math.round(perSecond * size) };
};

export const rateOf = (latencies: number[], elapsedMs: number): Rate => ({
  perSecond: Math.round((latencies.length / elapsedMs) * 1000),
  p50Ms: percentile(latencies, 0.5),
  p99Ms: percentile(latencies, 0.99),
});

export const percentile = (values: number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(3));
};

export const median = (values: number[]): number => percentile(values, 0.5);

export const ratio = (part: number, whole: number): number => Number((part / whole).toFixed(2));
