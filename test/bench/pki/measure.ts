import { setImmediate } from 'node:timers/promises';

export interface Rate {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface WorkRate extends Rate {
  /** Per second of processor time, all threads together: what remains when others use the machine as well. */
  readonly perCpuSecond: number;
}

/** What a run gave, not yet summed up: sorting it would block the very loop that is being watched. */
export interface Samples {
  readonly latencies: readonly number[];
  readonly elapsedMs: number;
  readonly cpuMs: number;
}

/** Runs `work` again and again in `lanes` at once for a time, each lane waiting for its own result. */
export const samplesOf = async (lanes: number, seconds: number, work: () => Promise<unknown>): Promise<Samples> => {
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const lane = async (): Promise<void> => {
    for (let before = performance.now(); before < end; before = performance.now()) {
      await work();
      latencies.push(performance.now() - before);
      // In the product every piece of work comes from the event loop; without this, timers would never run.
      await setImmediate();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { latencies, elapsedMs: performance.now() - start, cpuMs: (user + system) / 1000 };
};

export const summaryOf = (latencies: readonly number[], elapsedMs: number): Rate => ({
  perSecond: Math.round((latencies.length / elapsedMs) * 1000),
  p50Ms: percentile(latencies, 0.5),
  p99Ms: percentile(latencies, 0.99),
});

export const workRateOf = ({ latencies, elapsedMs, cpuMs }: Samples): WorkRate => ({
  ...summaryOf(latencies, elapsedMs),
  perCpuSecond: Math.round((latencies.length / cpuMs) * 1000),
});

const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
};

export const medianMsOf = async (times: number, work: () => Promise<unknown>): Promise<number> => {
  const durations: number[] = [];
  for (let round = 0; round < times; round++) {
    const before = performance.now();
    await work();
    durations.push(performance.now() - before);
  }
  return percentile(durations, 0.5);
};

export const rounded = (value: number): number => Number(value.toFixed(2));
