import { readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';

export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/** What the kernel says of a process; undefined where there is no /proc. */
export function usageOf(child: ChildProcess): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const rssKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, rssMb: Math.round(rssKb / 1024) };
  } catch {
    return undefined;
  }
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0, 2);
}
