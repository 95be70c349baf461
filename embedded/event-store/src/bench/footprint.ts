import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from './load.js';
import { median } from './measure.js';
import { inChild, type ChildSubject } from './subjects.js';

export interface Footprint {
  readonly startMs: number;
  readonly restMiB: number;
  /** Share of one core while nobody asks for anything. */
  readonly idleCpuPercent: number;
}

/** A node as a process of its own, left alone. Linux only: elsewhere the operating system tells it otherwise. */
export const footprint = async (freshFolder: () => string): Promise<Footprint> => {
  const starts: number[] = [];
  let node: ChildSubject | undefined;
  for (let round = 0; round < 5; round++) {
    await node?.stop();
    node = await inChild(freshFolder(), false);
    starts.push(node.readyMs);
  }
  if (node === undefined) throw new Error('no node was started');
  await sleep(1000);
  const before = cpuMs(node);
  await sleep(5000);
  const idleMs = cpuMs(node) - before;
  const restMiB = residentMiB(node);
  await node.stop();
  return { startMs: median(starts), restMiB, idleCpuPercent: Number((idleMs / 50).toFixed(2)) };
};

/** Resident memory of a node while a million events go in: it must not grow with the log. */
export const memoryOverTheMillion = async (freshFolder: () => string): Promise<{ events: number; MiB: number }[]> => {
  const node = await inChild(freshFolder(), true);
  const samples = [];
  for (let events = 0; events < 1_000_000; events += 100_000) {
    await fill(node.connectionString, 100_000);
    samples.push({ events: events + 100_000, MiB: residentMiB(node) });
  }
  await node.stop();
  return samples;
};

const residentMiB = ({ process: { pid } }: ChildSubject): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
};

const cpuMs = ({ process: { pid } }: ChildSubject): number => {
  // The command's name may hold spaces; the fields behind it do not.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']).toString());
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
};
