import { DefaultLogger, Runtime, Worker, type WorkerOptions, type WorkerStatus } from '@temporalio/worker';
import type { Log } from '../telemetry/log.js';
import { carriesCorrelation } from './correlation.js';
import { connectWorker, type TemporalTarget } from './connection.js';

export type WorkflowBundle = NonNullable<WorkerOptions['workflowBundle']>;

export type ProcessWorker = Readonly<{
  status: () => WorkerStatus;
  /** Rejects when the worker died by itself. */
  ended: Promise<void>;
  stop: () => Promise<void>;
}>;

const SHUTDOWN_GRACE_MS = 10_000;
const WORKFLOWS_REMEMBERED_MAX = 500;
/** Few enough that each gets its turn at the mail server's and the databases' few connections within its time. */
const ACTIVITIES_AT_ONCE_MAX = 25;

let installed = false;

/** One runtime for the whole operating system process; whoever is first decides where it speaks. */
const speakThrough = (log: Log): void => {
  if (installed) return;
  installed = true;
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    const { workflowId, workflowType, activityType, error } = (meta ?? {}) as Record<string, unknown>;
    const fields = { workflowId, workflowType, activityType, err: error };
    if (level === 'ERROR') log.error(fields, `temporal: ${message}`);
    else log.warn(fields, `temporal: ${message}`);
  });
  try {
    Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging: { filter: 'OFF' } } });
  } catch {
    // Another part of this process was first.
  }
};

/** Carries out what the workflows ask for; the code of the workflows comes ready-made from the build. */
export const startWorker = async (
  target: TemporalTarget,
  workflowBundle: WorkflowBundle,
  activities: object,
  log: Log,
): Promise<ProcessWorker> => {
  speakThrough(log);
  const connection = await connectWorker(target);
  const worker = await Worker.create({
    connection,
    namespace: target.namespace,
    taskQueue: target.taskQueue,
    workflowBundle,
    activities,
    interceptors: { activity: [carriesCorrelation] },
    maxCachedWorkflows: WORKFLOWS_REMEMBERED_MAX,
    maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE_MAX,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
  });
  const ended = worker.run().finally(() => connection.close());
  ended.catch((error: unknown) => log.fatal({ err: error }, 'the worker of the processes died'));
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await ended.catch(() => undefined);
  };
  return { status: () => worker.getStatus(), ended, stop };
};
