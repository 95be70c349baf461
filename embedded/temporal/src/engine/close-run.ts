import { randomUUID } from 'node:crypto';
import {
  EventType,
  RetryState,
  WorkflowStatus,
  enums,
  int64,
  type Failure,
  type HistoryEvent,
  type Payloads,
  type temporal,
} from '../protocol/messages.js';
import { dropActivities } from './activity.js';
import { createRun, type RunSpec } from './create-run.js';
import type { Engine } from './engine.js';
import { appendEvent, flushBuffered, isHistoryFull, readEvent } from './history.js';
import { releaseHeldBack } from './held-back.js';
import { rerouteQueries } from './query.js';
import { decideRetry } from './retry-policy.js';
import { isOpen, type Run } from './run.js';
import { dropTimers } from './timer.js';
import { dropWorkflowTask, endWorkflowTask, scheduleWorkflowTask } from './workflow-task.js';

const { CONTINUE_AS_NEW_INITIATOR_RETRY } = enums.ContinueAsNewInitiator;

/** The end of a run, whatever the reason: nothing of it is due or offered any more, and its last event is written. */
export function closeRun(engine: Engine, run: Run, status: WorkflowStatus, event: HistoryEvent): void {
  dropWorkflowTask(engine, run);
  dropActivities(engine, run);
  dropTimers(engine, run);
  engine.clock.cancel(run.runDeadline);
  engine.clock.cancel(run.delayDeadline);
  run.delayedUntilMs = 0;
  run.sticky = undefined;
  releaseHeldBack(run);
  run.status = status;
  run.closeMs = engine.clock.nowMs();
  appendEvent(engine, run, event, run.closeMs);
  // It is found in memory until its end is on disk, and only there afterwards.
  engine.store.afterCommit(() => engine.open.remove(run));
  rerouteQueries(engine, run);
}

export function terminateRun(
  engine: Engine,
  run: Run,
  reason: string,
  identity: string,
  details?: Payloads | null,
): void {
  endWorkflowTask(engine, run);
  flushBuffered(engine, run);
  closeRun(engine, run, WorkflowStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    workflowExecutionTerminatedEventAttributes: { reason, identity, details: details ?? null },
  });
}

/** A history without bound would end as a run that no worker can replay. */
export function closeIfHistoryFull(engine: Engine, run: Run): void {
  if (!isOpen(run) || !isHistoryFull(engine, run)) return;
  const { historyEvents, historyBytes } = engine.limits;
  const reason = `Workflow history exceeds its limit of ${historyEvents} events or ${historyBytes} bytes.`;
  terminateRun(engine, run, reason, 'embedded-node');
}

export function completeRun(engine: Engine, run: Run, taskId: number, result: Payloads | null | undefined): void {
  closeRun(engine, run, WorkflowStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    workflowExecutionCompletedEventAttributes: { result: result ?? null, workflowTaskCompletedEventId: int64(taskId) },
  });
}

export function cancelRun(engine: Engine, run: Run, taskId: number, details: Payloads | null | undefined): void {
  closeRun(engine, run, WorkflowStatus.WORKFLOW_EXECUTION_STATUS_CANCELED, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    workflowExecutionCanceledEventAttributes: { details: details ?? null, workflowTaskCompletedEventId: int64(taskId) },
  });
}

export function failRun(engine: Engine, run: Run, taskId: number, failure: Failure): void {
  const retry = planRetry(engine, run, failure);
  closeRun(engine, run, WorkflowStatus.WORKFLOW_EXECUTION_STATUS_FAILED, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    workflowExecutionFailedEventAttributes: {
      failure,
      retryState: retry.state,
      newExecutionRunId: retry.spec?.runId ?? '',
      workflowTaskCompletedEventId: int64(taskId),
    },
  });
  if (retry.spec) createRun(engine, retry.spec);
}

export function timeOutRun(engine: Engine, run: Run): void {
  endWorkflowTask(engine, run);
  flushBuffered(engine, run);
  const failure: Failure = {
    message: 'workflow timeout',
    source: 'Server',
    timeoutFailureInfo: { timeoutType: enums.TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE },
  };
  const retry = planRetry(engine, run, failure);
  closeRun(engine, run, WorkflowStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    workflowExecutionTimedOutEventAttributes: {
      retryState: retry.state,
      newExecutionRunId: retry.spec?.runId ?? '',
    },
  });
  if (retry.spec) createRun(engine, retry.spec);
}

interface RetryPlan {
  readonly state: RetryState;
  readonly spec: RunSpec | undefined;
}

function planRetry(engine: Engine, run: Run, failure: Failure): RetryPlan {
  const { birth } = run;
  const nowMs = engine.clock.nowMs();
  if (birth.executionDeadlineMs && nowMs >= birth.executionDeadlineMs) {
    return { state: RetryState.RETRY_STATE_TIMEOUT, spec: undefined };
  }
  const decision = decideRetry(birth.retryPolicy, birth.attempt, failure, nowMs, birth.executionDeadlineMs || Infinity);
  if ('stop' in decision) return { state: decision.stop, spec: undefined };
  const spec: RunSpec = {
    ...successorOf(run),
    ...firstInput(engine, run),
    attempt: birth.attempt + 1,
    delayMs: decision.retryInMs,
    predecessor: {
      runId: birth.runId,
      firstRunId: birth.firstRunId,
      initiator: CONTINUE_AS_NEW_INITIATOR_RETRY,
      failure,
    },
  };
  return { state: RetryState.RETRY_STATE_IN_PROGRESS, spec };
}

/** The input is not kept in memory; the first event has it. */
function firstInput(engine: Engine, run: Run): Pick<RunSpec, 'input' | 'header' | 'identity'> {
  const started = readEvent(engine, run, 1).workflowExecutionStartedEventAttributes;
  return { input: started?.input, header: started?.header, identity: started?.identity ?? '' };
}

/** What the next run of a chain takes over unless it is told otherwise. */
const successorOf = (
  run: Run,
): Omit<RunSpec, 'input' | 'header' | 'identity' | 'attempt' | 'delayMs' | 'predecessor'> => ({
  runId: randomUUID(),
  namespace: run.birth.namespace,
  workflowId: run.birth.workflowId,
  workflowType: run.birth.workflowType,
  taskQueue: run.birth.taskQueue,
  memo: run.memo,
  searchAttributes: run.searchAttributes,
  requestId: randomUUID(),
  runTimeoutMs: run.birth.runTimeoutMs,
  executionTimeoutMs: run.birth.executionTimeoutMs,
  executionDeadlineMs: run.birth.executionDeadlineMs,
  taskTimeoutMs: run.birth.taskTimeoutMs,
  retryPolicy: run.birth.retryPolicy,
});

export type Continuation = Partial<
  Pick<
    RunSpec,
    'workflowType' | 'taskQueue' | 'runTimeoutMs' | 'taskTimeoutMs' | 'retryPolicy' | 'memo' | 'searchAttributes'
  >
> &
  Pick<RunSpec, 'input' | 'header' | 'delayMs'> & {
    readonly initiator: temporal.api.enums.v1.ContinueAsNewInitiator;
    readonly failure?: Failure | null | undefined;
    readonly lastResult?: Payloads | null | undefined;
  };

export function continueAsNew(
  engine: Engine,
  run: Run,
  next: Continuation,
  event: (newRunId: string) => HistoryEvent,
): void {
  const { initiator, failure, lastResult, ...changes } = next;
  const spec: RunSpec = {
    ...successorOf(run),
    ...changes,
    identity: '',
    attempt: 1,
    predecessor: { runId: run.birth.runId, firstRunId: run.birth.firstRunId, initiator, failure, lastResult },
  };
  closeRun(engine, run, WorkflowStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW, event(spec.runId ?? ''));
  scheduleWorkflowTask(engine, createRun(engine, spec));
}
