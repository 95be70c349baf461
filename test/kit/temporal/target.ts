import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { startTemporal } from '@shomei/embedded-temporal';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
  type WorkerOptions,
} from '@temporalio/worker';
import * as activities from './activities.js';

/** A server under test. */
export interface Target {
  readonly isEmbedded: boolean;
  readonly address: string;
  readonly connection: Connection;
  readonly client: Client;
  readonly native: NativeConnection;
  close(): Promise<void>;
}

export const realAddress = process.env['TEMPORAL_ADDRESS'];

/** The suites run on each of these: on the embedded node always, on a real server where one is named. */
export const targets: readonly Server[] = realAddress ? ['embedded node', 'real server'] : ['embedded node'];
export type Server = 'embedded node' | 'real server';

/** The SDK tells much; a suite that fails tells enough by itself. */
export const quiet = (): void => {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { filter: 'OFF' } },
    });
  } catch {
    // Another suite in this process was first.
  }
};

export const temporaryFolder = (): { path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'temporal-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

const KEYWORD = 2;

/** Both servers know one custom search attribute. */
async function registerKeyword(connection: Connection): Promise<void> {
  await connection.operatorService
    .addSearchAttributes({ namespace: 'default', searchAttributes: { CustomKeywordField: KEYWORD } })
    .catch(() => undefined);
}

export async function openTarget(server: Server = 'embedded node'): Promise<Target> {
  quiet();
  const folder = temporaryFolder();
  const isEmbedded = server === 'embedded node';
  const node = isEmbedded ? await startTemporal({ dataDir: folder.path, insecure: true }) : undefined;
  const address = node?.address ?? realAddress ?? '';
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  await registerKeyword(connection);
  return {
    isEmbedded,
    address,
    connection,
    native,
    client: new Client({ connection }),
    close: async () => {
      await connection.close();
      await native.close();
      await node?.stop();
      folder.remove();
    },
  };
}

const bundles = new Map<string, ReturnType<typeof bundleWorkflowCode>>();

export function workflowBundle(file = 'workflows.ts'): ReturnType<typeof bundleWorkflowCode> {
  let bundle = bundles.get(file);
  if (!bundle) {
    bundle = bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL(`./${file}`, import.meta.url)),
      logger: new DefaultLogger('ERROR'),
      webpackConfigHook: (config) => ({
        ...config,
        resolve: { ...config.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
      }),
    });
    bundles.set(file, bundle);
  }
  return bundle;
}

let queues = 0;

/** A queue nobody else uses, also on a server that outlives the suite. */
export const newQueue = (): string => `contract-${process.pid}-${Date.now().toString(36)}-${++queues}`;

export interface RunningWorker {
  readonly taskQueue: string;
  stop(): Promise<void>;
}

export async function startWorker(target: Target, options: Partial<WorkerOptions> = {}): Promise<RunningWorker> {
  const taskQueue = options.taskQueue ?? newQueue();
  const worker = await Worker.create({
    connection: target.native,
    workflowBundle: await workflowBundle(),
    activities,
    maxConcurrentWorkflowTaskExecutions: 40,
    maxCachedWorkflows: 500,
    reuseV8Context: true,
    ...options,
    taskQueue,
  });
  const running = worker.run();
  running.catch(() => undefined);
  return {
    taskQueue,
    stop: async () => {
      worker.shutdown();
      await running;
    },
  };
}

let ids = 0;
export const newId = (what: string): string => `${what}-${process.pid}-${Date.now().toString(36)}-${++ids}`;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until the condition holds; fails with the last value it saw. */
export async function eventually<T>(look: () => Promise<T>, holds: (value: T) => boolean, withinMs = 5000): Promise<T> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (Date.now() > endMs) throw new Error(`it did not come to hold within ${withinMs} ms: ${JSON.stringify(value)}`);
    await pause(25);
  }
}
