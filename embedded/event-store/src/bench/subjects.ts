import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startEventStore } from '../index.js';
import type { EventStoreOptions, EventStoreReady } from '../node.js';
import { startInStep } from '../streak.js';

/** Something to measure: a node that a client can reach, and how to end it. */
export interface Subject {
  readonly connectionString: string;
  stop(): Promise<void>;
}

export type StartSubject = (dataDir: string, insecure: boolean) => Promise<Subject>;

export const inWorker: StartSubject = (dataDir, insecure) => startEventStore({ dataDir, insecure });

export const storesNothing: StartSubject = async (dataDir, insecure) => {
  const entry = new URL('./null-worker.js', import.meta.url);
  const node = await startInStep<EventStoreOptions, EventStoreReady>(entry, { dataDir, insecure });
  return { connectionString: node.ready.connectionString, stop: () => node.stop() };
};

export interface ChildSubject extends Subject {
  readonly process: ChildProcess;
  readonly readyMs: number;
}

export const inChild = async (dataDir: string, insecure: boolean): Promise<ChildSubject> => {
  const started = performance.now();
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
  const flags = ['--disable-warning=ExperimentalWarning', cli, '--data', dataDir, ...(insecure ? ['--insecure'] : [])];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { connectionString } = JSON.parse(line) as EventStoreReady;
  return {
    connectionString,
    process: child,
    readyMs: performance.now() - started,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
};
