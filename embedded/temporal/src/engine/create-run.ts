import { randomUUID } from 'node:crypto';
import { resourceExhausted } from '../protocol/errors.js';
import {
  EventType,
  TaskQueueKind,
  type Failure,
  type Fields,
  type Payloads,
  type temporal,
} from '../protocol/messages.js';
import { toDuration, toTimestamp } from '../protocol/time.js';
import type { Engine } from './engine.js';
import { appendEvent } from './history.js';
import { writeRetryPolicy, type RetryPolicy } from './retry-policy.js';
import { newRun, type Birth, type Run } from './run.js';

/** Everything that a start, a retry or a continuation says about the run to come. Zero for "not set". */
export interface RunSpec {
  readonly runId?: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: Payloads | null | undefined;
  readonly header: temporal.api.common.v1.IHeader | null | undefined;
  readonly memo: Fields;
  readonly searchAttributes: Fields;
  readonly userMetadata?: temporal.api.sdk.v1.IUserMetadata | null | undefined;
  readonly identity: string;
  readonly requestId: string;
  readonly runTimeoutMs: number;
  readonly executionTimeoutMs: number;
  /** Given when the chain began earlier; else counted from now. */
  readonly executionDeadlineMs?: number;
  readonly taskTimeoutMs: number;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly attempt: number;
  readonly delayMs: number;
  readonly predecessor?: {
    readonly runId: string;
    readonly firstRunId: string;
    readonly initiator: temporal.api.enums.v1.ContinueAsNewInitiator;
    readonly failure?: Failure | null | undefined;
    readonly lastResult?: Payloads | null | undefined;
  };
}

/** Writes the first event. The caller schedules the first workflow task, unless the run waits for its delay. */
export function createRun(engine: Engine, spec: RunSpec): Run {
  const birth = birthOf(engine, spec);
  const run = newRun(engine.store.newRow(), birth);
  run.memo = spec.memo;
  run.searchAttributes = spec.searchAttributes;
  engine.open.add(run);
  const started = {
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    workflowExecutionStartedEventAttributes: startedAttributes(birth, spec),
    userMetadata: spec.userMetadata ?? null,
  };
  // Its delay and its time-outs count from here: by a later time in the history they would end too early.
  appendEvent(engine, run, started, birth.startMs);
  if (birth.firstTaskDelayMs) run.delayedUntilMs = birth.startMs + birth.firstTaskDelayMs;
  armRun(engine, run);
  return run;
}

/** `replaced` counts the runs that end for this one: they make room. */
export function checkRoom(engine: Engine, replaced = 0): void {
  if (engine.open.size - replaced >= engine.limits.openRuns)
    throw resourceExhausted('too many open workflow executions');
}

function birthOf(engine: Engine, spec: RunSpec): Birth {
  const startMs = engine.clock.nowMs();
  const runId = spec.runId ?? randomUUID();
  const ownDeadlineMs = spec.executionTimeoutMs ? startMs + spec.delayMs + spec.executionTimeoutMs : 0;
  return {
    runId,
    namespace: spec.namespace,
    workflowId: spec.workflowId,
    workflowType: spec.workflowType,
    taskQueue: spec.taskQueue,
    startMs,
    firstRunId: spec.predecessor?.firstRunId ?? runId,
    requestId: spec.requestId,
    attempt: spec.attempt,
    runTimeoutMs: spec.runTimeoutMs,
    executionTimeoutMs: spec.executionTimeoutMs,
    executionDeadlineMs: spec.executionDeadlineMs || ownDeadlineMs,
    taskTimeoutMs: spec.taskTimeoutMs,
    firstTaskDelayMs: spec.delayMs,
    retryPolicy: spec.retryPolicy,
  };
}

const startedAttributes = (
  birth: Birth,
  spec: RunSpec,
): temporal.api.history.v1.IWorkflowExecutionStartedEventAttributes => ({
  workflowType: { name: birth.workflowType },
  taskQueue: { name: birth.taskQueue, kind: TaskQueueKind.TASK_QUEUE_KIND_NORMAL },
  input: spec.input ?? null,
  header: spec.header ?? null,
  workflowExecutionTimeout: toDuration(birth.executionTimeoutMs),
  workflowRunTimeout: toDuration(birth.runTimeoutMs),
  workflowTaskTimeout: toDuration(birth.taskTimeoutMs),
  identity: spec.identity,
  firstExecutionRunId: birth.firstRunId,
  originalExecutionRunId: birth.runId,
  attempt: birth.attempt,
  retryPolicy: birth.retryPolicy ? writeRetryPolicy(birth.retryPolicy) : null,
  memo: Object.keys(spec.memo).length ? { fields: spec.memo } : null,
  searchAttributes: Object.keys(spec.searchAttributes).length ? { indexedFields: spec.searchAttributes } : null,
  workflowId: birth.workflowId,
  firstWorkflowTaskBackoff: toDuration(birth.firstTaskDelayMs),
  workflowExecutionExpirationTime: birth.executionDeadlineMs ? (toTimestamp(birth.executionDeadlineMs) ?? null) : null,
  ...(spec.predecessor
    ? {
        continuedExecutionRunId: spec.predecessor.runId,
        initiator: spec.predecessor.initiator,
        continuedFailure: spec.predecessor.failure ?? null,
        lastCompletionResult: spec.predecessor.lastResult ?? null,
      }
    : {}),
});

/** When the run must end at the latest: its own time-out or the chain's. Zero for never. */
export function runDeadlineMs({ startMs, firstTaskDelayMs, runTimeoutMs, executionDeadlineMs }: Birth): number {
  const ownMs = runTimeoutMs ? startMs + firstTaskDelayMs + runTimeoutMs : Infinity;
  const deadlineMs = Math.min(ownMs, executionDeadlineMs || Infinity);
  return deadlineMs === Infinity ? 0 : deadlineMs;
}

/** Sets the run's own deadlines, at its start and again after a restart of the node. */
export function armRun(engine: Engine, run: Run): void {
  const { runId } = run.birth;
  const deadlineMs = runDeadlineMs(run.birth);
  if (deadlineMs) run.runDeadline = engine.clock.at(deadlineMs, { kind: 'run-timeout', runId });
  if (run.delayedUntilMs) {
    run.delayDeadline = engine.clock.at(run.delayedUntilMs, { kind: 'run-delay-over', runId });
  }
}

export function endDelay(engine: Engine, run: Run): void {
  engine.clock.cancel(run.delayDeadline);
  run.delayDeadline = undefined;
  run.delayedUntilMs = 0;
  engine.store.touch(run);
}
