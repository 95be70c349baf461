import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { QUEUE, type Connect, type Server } from './servers.js';
import { percentile, round, usageOf } from './usage.js';

export interface LoadResult {
  readonly load: string;
  readonly concurrency: number;
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly nodeCpuMs?: number;
  readonly workerCpuMs?: number;
  readonly nodeRssMb?: number;
}

export async function connectClient(connect: Connect): Promise<{ client: Client; close: () => Promise<void> }> {
  const { address, authorityFile, secretFile } = connect;
  const connection = await Connection.connect({
    address,
    ...(authorityFile && secretFile
      ? {
          tls: { serverRootCACertificate: readFileSync(authorityFile), serverNameOverride: 'localhost' },
          apiKey: readFileSync(secretFile, 'utf8').trim(),
        }
      : {}),
  });
  return { client: new Client({ connection }), close: () => connection.close() };
}

let ids = 0;
const newId = (): string => `bench-${process.pid}-${++ids}`;

export type Work = (client: Client) => Promise<unknown>;

const execute =
  (type: string): Work =>
  (client) =>
    client.workflow.execute(type, { taskQueue: QUEUE, workflowId: newId(), args: [] });

export const loads: Readonly<Record<string, Work>> = {
  'no-op': execute('noop'),
  'one activity': execute('oneActivity'),
  'timer and signal': async (client) => {
    const handle = await client.workflow.start('timerAndSignal', { taskQueue: QUEUE, workflowId: newId(), args: [] });
    await handle.signal('go', 'word');
    await handle.result();
  },
};

/** Nobody polls this queue: the runs stay open, each with a task that waits. */
export const parked: Work = (client) =>
  client.workflow.start('noop', { taskQueue: 'nobody-polls', workflowId: newId(), args: [] });

export async function runLoad(
  name: string,
  work: Work,
  count: number,
  concurrency: number,
  server: Server,
  worker: ChildProcess | undefined,
  client: Client,
): Promise<LoadResult> {
  const nodeBefore = usageOf(server.child);
  const workerBefore = worker && usageOf(worker);
  const tookMs: number[] = [];
  const sinceMs = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next++ < count) {
      const startMs = performance.now();
      await work(client);
      tookMs.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const seconds = (performance.now() - sinceMs) / 1000;
  const nodeAfter = usageOf(server.child);
  const workerAfter = worker && usageOf(worker);
  return {
    load: name,
    concurrency,
    count,
    perSecond: round(count / seconds),
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    ...(nodeBefore && nodeAfter
      ? { nodeCpuMs: round((nodeAfter.cpuMs - nodeBefore.cpuMs) / count, 2), nodeRssMb: nodeAfter.rssMb }
      : {}),
    ...(workerBefore && workerAfter ? { workerCpuMs: round((workerAfter.cpuMs - workerBefore.cpuMs) / count, 2) } : {}),
  };
}
