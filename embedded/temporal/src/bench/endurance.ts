import type { Client } from '@temporalio/client';
import { connectClient, parked, runLoad, type LoadResult } from './load.js';
import { QUEUE, end, newFolder, startEmbedded, startWorker } from './servers.js';
import { percentile, usageOf } from './usage.js';

export interface Recovery {
  readonly openRuns: number;
  readonly starts: LoadResult;
  /** From the start of the process to its ready line. */
  readonly recoveredInMs: number;
  readonly rssMb: number | undefined;
}

export async function measureRecovery(openRuns: number): Promise<Recovery> {
  const folder = newFolder();
  let server = await startEmbedded(folder.path);
  const { client, close } = await connectClient(server.connect);
  const starts = await runLoad('starts parked', parked, openRuns, 50, server, undefined, client);
  await close();
  await end(server.child, 'SIGKILL');
  server = await startEmbedded(folder.path);
  const rssMb = usageOf(server.child)?.rssMb;
  await end(server.child);
  folder.remove();
  return { openRuns, starts, recoveredInMs: Math.round(server.startedInMs), rssMb };
}

export interface Timers {
  readonly live: number;
  readonly rssAtRestMb: number | undefined;
  readonly rssWithTimersMb: number | undefined;
  readonly measured: number;
  readonly earliestMs: number;
  readonly latenessP50Ms: number;
  readonly latenessP99Ms: number;
}

const TIMERS_PER_RUN = 1000;

export async function measureTimers(live: number, bundle: string): Promise<Timers> {
  const folder = newFolder();
  const server = await startEmbedded(folder.path);
  const rssAtRestMb = usageOf(server.child)?.rssMb;
  const worker = await startWorker(server.connect, bundle);
  const { client, close } = await connectClient(server.connect);
  await parkTimers(client, live / TIMERS_PER_RUN);
  const rssWithTimersMb = usageOf(server.child)?.rssMb;
  const lateMs = await measureLateness(client, 100);
  await close();
  await end(worker, 'SIGKILL');
  await end(server.child);
  folder.remove();
  return {
    live,
    rssAtRestMb,
    rssWithTimersMb,
    measured: lateMs.length,
    earliestMs: Math.min(...lateMs),
    latenessP50Ms: percentile(lateMs, 0.5),
    latenessP99Ms: percentile(lateMs, 0.99),
  };
}

async function parkTimers(client: Client, runs: number): Promise<void> {
  for (let run = 0; run < runs; run++) {
    const options = { taskQueue: QUEUE, workflowId: `timers-${run}`, args: [TIMERS_PER_RUN] };
    const handle = await client.workflow.start('manyTimers', options);
    while ((await handle.describe()).historyLength < TIMERS_PER_RUN)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

type Event = { eventTime?: { seconds?: unknown; nanos?: number | null } | null };
const timeMs = ({ eventTime }: Event): number => Number(eventTime?.seconds) * 1000 + (eventTime?.nanos ?? 0) / 1e6;

/** How long after its moment each timer fired, by the times in the history. */
async function measureLateness(client: Client, runs: number): Promise<number[]> {
  const delaysMs = (run: number): number[] => Array.from({ length: 5 }, (_, i) => 100 + ((run * 37 + i * 211) % 900));
  const handles = await Promise.all(
    Array.from({ length: runs }, (_, run) =>
      client.workflow.start('punctual', { taskQueue: QUEUE, workflowId: `punctual-${run}`, args: [delaysMs(run)] }),
    ),
  );
  const lateMs: number[] = [];
  for (const handle of handles) {
    await handle.result();
    const events = (await handle.fetchHistory()).events ?? [];
    const started = events.filter((event) => event.timerStartedEventAttributes);
    const fired = events.filter((event) => event.timerFiredEventAttributes);
    for (const [index, start] of started.entries()) {
      const { startToFireTimeout } = start.timerStartedEventAttributes ?? {};
      const dueMs = timeMs(start) + timeMs({ eventTime: startToFireTimeout ?? null });
      const end = fired[index];
      if (end) lateMs.push(Math.round(timeMs(end) - dueMs));
    }
  }
  return lateMs;
}
