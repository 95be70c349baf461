import {
  CommandType,
  EventType,
  TaskQueueKind,
  fromInt64,
  int64,
  ownFields,
  type Command,
  type HistoryEvent,
} from '../protocol/messages.js';
import { durationMs, toDuration, toDurationOrZero } from '../protocol/time.js';
import { addActivity, requestActivityCancel } from './activity.js';
import type { Activity } from './activity-state.js';
import { cancelRun, completeRun, continueAsNew, failRun, type Continuation } from './close-run.js';
import type { Engine } from './engine.js';
import { appendEvent } from './history.js';
import { readRetryPolicy, writeRetryPolicy } from './retry-policy.js';
import type { Run } from './run.js';
import { mergeFields } from './search-attributes.js';
import { cancelTimer, startTimer } from './timer.js';

/** What a batch leaves to be done when all of it is applied. */
export interface Applied {
  readonly scheduled: { readonly activity: Activity; readonly eager: boolean }[];
  close: (() => void) | undefined;
}

interface Batch {
  readonly engine: Engine;
  readonly run: Run;
  /** The event that ended the workflow task; every event that follows names it. */
  readonly taskId: number;
  readonly applied: Applied;
}

/** The commands were checked before: none of this refuses anything. */
export function applyCommands(engine: Engine, run: Run, taskId: number, commands: readonly Command[]): Applied {
  const batch: Batch = { engine, run, taskId, applied: { scheduled: [], close: undefined } };
  for (const command of commands) applies.get(command.commandType)?.(command, batch);
  return batch.applied;
}

type Apply = (command: Command, batch: Batch) => void;

const applies: ReadonlyMap<unknown, Apply> = new Map<unknown, Apply>([
  [CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK, scheduleActivity],
  [CommandType.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK, cancelActivity],
  [CommandType.COMMAND_TYPE_START_TIMER, applyStartTimer],
  [CommandType.COMMAND_TYPE_CANCEL_TIMER, applyCancelTimer],
  [CommandType.COMMAND_TYPE_RECORD_MARKER, recordMarker],
  [CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, upsertSearchAttributes],
  [CommandType.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES, modifyProperties],
  [CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION, complete],
  [CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION, fail],
  [CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION, cancel],
  [CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION, applyContinueAsNew],
]);

function append({ engine, run }: Batch, command: Command, event: HistoryEvent): number {
  return appendEvent(engine, run, command.userMetadata ? { ...event, userMetadata: command.userMetadata } : event);
}

function scheduleActivity(command: Command, batch: Batch): void {
  const { engine, run } = batch;
  const wish = command.scheduleActivityTaskCommandAttributes ?? {};
  const scheduleToCloseMs = durationMs(wish.scheduleToCloseTimeout);
  const timeouts = {
    scheduleToCloseMs,
    scheduleToStartMs: durationMs(wish.scheduleToStartTimeout) || scheduleToCloseMs,
    startToCloseMs: durationMs(wish.startToCloseTimeout) || scheduleToCloseMs,
    heartbeatMs: durationMs(wish.heartbeatTimeout),
  };
  const retryPolicy = readRetryPolicy(wish.retryPolicy ?? {});
  const queue = wish.taskQueue?.name || run.birth.taskQueue;
  const scheduledId = append(batch, command, {
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    activityTaskScheduledEventAttributes: {
      activityId: wish.activityId ?? '',
      activityType: wish.activityType ?? null,
      taskQueue: { name: queue, kind: TaskQueueKind.TASK_QUEUE_KIND_NORMAL },
      header: wish.header ?? null,
      input: wish.input ?? null,
      scheduleToCloseTimeout: toDurationOrZero(timeouts.scheduleToCloseMs),
      scheduleToStartTimeout: toDurationOrZero(timeouts.scheduleToStartMs),
      startToCloseTimeout: toDurationOrZero(timeouts.startToCloseMs),
      heartbeatTimeout: toDuration(timeouts.heartbeatMs),
      retryPolicy: writeRetryPolicy(retryPolicy),
      workflowTaskCompletedEventId: int64(batch.taskId),
    },
  });
  const nowMs = engine.clock.nowMs();
  const activity: Activity = {
    scheduledId,
    activityId: wish.activityId ?? '',
    type: wish.activityType?.name ?? '',
    queue,
    timeouts,
    retryPolicy,
    firstScheduledMs: nowMs,
    state: 'scheduled',
    attempt: 1,
    scheduledMs: nowMs,
    startedMs: 0,
    heartbeatMs: 0,
    retryAtMs: 0,
    cancelRequestedId: 0,
    identity: '',
    heartbeat: '',
    lastFailure: '',
    deadlines: {},
    queued: undefined,
  };
  addActivity(engine, run, activity);
  batch.applied.scheduled.push({
    activity,
    eager: (wish.requestEagerExecution ?? false) && queue === run.birth.taskQueue,
  });
}

function cancelActivity(command: Command, batch: Batch): void {
  const scheduledId = fromInt64(command.requestCancelActivityTaskCommandAttributes?.scheduledEventId);
  const requestedId = append(batch, command, {
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
    activityTaskCancelRequestedEventAttributes: {
      scheduledEventId: int64(scheduledId),
      workflowTaskCompletedEventId: int64(batch.taskId),
    },
  });
  // It may have ended meanwhile; its end is then in the buffer or just written.
  const activity = batch.run.activities.get(scheduledId);
  if (activity) requestActivityCancel(batch.engine, batch.run, activity, requestedId);
}

function applyStartTimer(command: Command, batch: Batch): void {
  const wish = command.startTimerCommandAttributes ?? {};
  const timerId = wish.timerId ?? '';
  const startedId = append(batch, command, {
    eventType: EventType.EVENT_TYPE_TIMER_STARTED,
    timerStartedEventAttributes: {
      timerId,
      startToFireTimeout: wish.startToFireTimeout ?? null,
      workflowTaskCompletedEventId: int64(batch.taskId),
    },
  });
  startTimer(batch.engine, batch.run, timerId, startedId, durationMs(wish.startToFireTimeout));
}

function applyCancelTimer(command: Command, batch: Batch): void {
  const timerId = command.cancelTimerCommandAttributes?.timerId ?? '';
  const timer = batch.run.timers.get(timerId);
  if (timer) cancelTimer(batch.engine, batch.run, timer);
  append(batch, command, {
    eventType: EventType.EVENT_TYPE_TIMER_CANCELED,
    timerCanceledEventAttributes: {
      timerId,
      startedEventId: int64(timer?.startedId ?? 0),
      workflowTaskCompletedEventId: int64(batch.taskId),
    },
  });
}

function recordMarker(command: Command, batch: Batch): void {
  const { markerName, details, header, failure } = command.recordMarkerCommandAttributes ?? {};
  append(batch, command, {
    eventType: EventType.EVENT_TYPE_MARKER_RECORDED,
    markerRecordedEventAttributes: {
      markerName: markerName ?? '',
      details: details ?? null,
      header: header ?? null,
      failure: failure ?? null,
      workflowTaskCompletedEventId: int64(batch.taskId),
    },
  });
}

function upsertSearchAttributes(command: Command, batch: Batch): void {
  const { engine, run } = batch;
  const wish = command.upsertWorkflowSearchAttributesCommandAttributes?.searchAttributes?.indexedFields;
  const indexedFields = engine.searchAttributeTypes.typed(wish, Infinity);
  run.searchAttributes = mergeFields(run.searchAttributes, indexedFields);
  run.unsaved.indexChanged = true;
  append(batch, command, {
    eventType: EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    upsertWorkflowSearchAttributesEventAttributes: {
      searchAttributes: { indexedFields },
      workflowTaskCompletedEventId: int64(batch.taskId),
    },
  });
}

function modifyProperties(command: Command, batch: Batch): void {
  const upsertedMemo = command.modifyWorkflowPropertiesCommandAttributes?.upsertedMemo ?? null;
  batch.run.memo = mergeFields(batch.run.memo, ownFields(upsertedMemo?.fields));
  batch.run.unsaved.indexChanged = true;
  append(batch, command, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
    workflowPropertiesModifiedEventAttributes: {
      upsertedMemo,
      workflowTaskCompletedEventId: int64(batch.taskId),
    },
  });
}

// A closing waits until everything the other commands brought about is in the history.

function complete(command: Command, { engine, run, taskId, applied }: Batch): void {
  const { result } = command.completeWorkflowExecutionCommandAttributes ?? {};
  applied.close = () => completeRun(engine, run, taskId, result);
}

function fail(command: Command, { engine, run, taskId, applied }: Batch): void {
  const { failure } = command.failWorkflowExecutionCommandAttributes ?? {};
  applied.close = () => failRun(engine, run, taskId, failure ?? {});
}

function cancel(command: Command, { engine, run, taskId, applied }: Batch): void {
  const { details } = command.cancelWorkflowExecutionCommandAttributes ?? {};
  applied.close = () => cancelRun(engine, run, taskId, details);
}

function applyContinueAsNew(command: Command, { engine, run, taskId, applied }: Batch): void {
  const wish = command.continueAsNewWorkflowExecutionCommandAttributes ?? {};
  const hasMemo = Object.keys(wish.memo?.fields ?? {}).length > 0;
  const hasSearch = Object.keys(wish.searchAttributes?.indexedFields ?? {}).length > 0;
  const workflowType = wish.workflowType?.name || run.birth.workflowType;
  const taskQueue = wish.taskQueue?.name || run.birth.taskQueue;
  const runTimeoutMs = durationMs(wish.workflowRunTimeout) || run.birth.runTimeoutMs;
  const taskTimeoutMs = durationMs(wish.workflowTaskTimeout) || run.birth.taskTimeoutMs;
  const memo = hasMemo ? ownFields(wish.memo?.fields) : run.memo;
  const searchAttributes = hasSearch
    ? engine.searchAttributeTypes.typed(wish.searchAttributes?.indexedFields, Infinity)
    : run.searchAttributes;
  const initiator = wish.initiator || 1;
  const next: Continuation = {
    workflowType,
    taskQueue,
    runTimeoutMs,
    taskTimeoutMs,
    memo,
    searchAttributes,
    input: wish.input,
    header: wish.header,
    delayMs: durationMs(wish.backoffStartInterval),
    initiator,
    failure: wish.failure,
    lastResult: wish.lastCompletionResult,
    ...(wish.retryPolicy ? { retryPolicy: readRetryPolicy(wish.retryPolicy) } : {}),
  };
  const event = (newExecutionRunId: string): HistoryEvent => ({
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    workflowExecutionContinuedAsNewEventAttributes: {
      newExecutionRunId,
      workflowType: { name: workflowType },
      taskQueue: { name: taskQueue, kind: TaskQueueKind.TASK_QUEUE_KIND_NORMAL },
      input: wish.input ?? null,
      workflowRunTimeout: toDuration(runTimeoutMs),
      workflowTaskTimeout: toDuration(taskTimeoutMs),
      workflowTaskCompletedEventId: int64(taskId),
      backoffStartInterval: wish.backoffStartInterval ?? null,
      initiator,
      header: wish.header ?? null,
      memo: Object.keys(memo).length ? { fields: memo } : null,
      searchAttributes: Object.keys(searchAttributes).length ? { indexedFields: searchAttributes } : null,
    },
  });
  applied.close = () => continueAsNew(engine, run, next, event);
}
