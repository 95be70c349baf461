import { toFrame, type Frame } from '../protocol/frames.js';
import { EventType, TaskQueueKind, enums, int64, type HistoryEvent } from '../protocol/messages.js';
import type { WorkflowTaskReply } from '../protocol/replies.js';
import { toDuration, toTimestamp } from '../protocol/time.js';
import { writePageToken, writeToken } from '../protocol/tokens.js';
import type { Engine } from './engine.js';
import { readPage } from './history-page.js';
import { readFrames } from './history.js';
import type { Run } from './run.js';
import type { WorkflowTask } from './workflow-task-state.js';

const {
  SUGGEST_CONTINUE_AS_NEW_REASON_HISTORY_SIZE_TOO_LARGE,
  SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_HISTORY_EVENTS,
} = enums.SuggestContinueAsNewReason;

export const scheduledEvent = (run: Run, task: WorkflowTask): HistoryEvent => ({
  eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  workflowTaskScheduledEventAttributes: {
    taskQueue: task.sticky
      ? { name: task.queue, kind: TaskQueueKind.TASK_QUEUE_KIND_STICKY, normalName: run.birth.taskQueue }
      : { name: task.queue, kind: TaskQueueKind.TASK_QUEUE_KIND_NORMAL },
    startToCloseTimeout: toDuration(run.birth.taskTimeoutMs),
    attempt: task.attempt,
  },
});

export const startedEvent = (run: Run, task: WorkflowTask, engine: Engine): HistoryEvent => ({
  eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  workflowTaskStartedEventAttributes: {
    scheduledEventId: int64(task.scheduledId),
    identity: task.identity,
    requestId: `${run.birth.runId}/${task.sequence}`,
    historySizeBytes: int64(task.historyBytesAtStart),
    suggestContinueAsNew: task.suggestContinueAsNew,
    suggestContinueAsNewReasons: task.suggestContinueAsNew ? [suggestion(engine, task)] : [],
  },
});

const suggestion = (engine: Engine, task: WorkflowTask) =>
  task.historyBytesAtStart > engine.limits.suggestContinueAsNewBytes
    ? SUGGEST_CONTINUE_AS_NEW_REASON_HISTORY_SIZE_TOO_LARGE
    : SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_HISTORY_EVENTS;

/** The two events of a repeated attempt as the worker must see them, though they are not in the history. */
export const transientFrames = (engine: Engine, run: Run, task: WorkflowTask): Frame[] => [
  toFrame({
    ...scheduledEvent(run, task),
    eventId: int64(task.scheduledId),
    eventTime: toTimestamp(task.scheduledMs) ?? null,
  }),
  toFrame({
    ...startedEvent(run, task, engine),
    eventId: int64(task.startedId),
    eventTime: toTimestamp(task.startedMs) ?? null,
  }),
];

const replyHead = (run: Run): WorkflowTaskReply['message'] => ({
  workflowExecution: { workflowId: run.birth.workflowId, runId: run.birth.runId },
  workflowType: { name: run.birth.workflowType },
  previousStartedEventId: int64(run.previousStartedId),
  workflowExecutionTaskQueue: { name: run.birth.taskQueue, kind: TaskQueueKind.TASK_QUEUE_KIND_NORMAL },
});

/** Built after the commit: what is not in memory any more is then on disk. */
export function workflowTaskReply(engine: Engine, run: Run, task: WorkflowTask): () => WorkflowTaskReply {
  const virtual = task.transient ? transientFrames(engine, run, task) : [];
  const lastEventId = task.transient ? task.scheduledId - 1 : task.startedId;
  const message: WorkflowTaskReply['message'] = {
    ...replyHead(run),
    taskToken: writeToken({ kind: 'workflow', runId: run.birth.runId, sequence: task.sequence }),
    startedEventId: int64(task.startedId),
    attempt: task.attempt,
    scheduledTime: toTimestamp(task.scheduledMs) ?? null,
    startedTime: toTimestamp(task.startedMs) ?? null,
    queries: Object.fromEntries(
      run.queries.filter(({ id }) => task.queryIds.includes(id)).map(({ id, query }) => [id, query]),
    ),
  };
  const { previousStartedId } = run;
  return () =>
    task.sticky
      ? { message, frames: [...readFrames(engine, run, previousStartedId + 1, lastEventId), ...virtual] }
      : firstPage(engine, run, message, lastEventId, virtual);
}

function firstPage(
  engine: Engine,
  run: Run,
  message: WorkflowTaskReply['message'],
  lastEventId: number,
  virtual: readonly Frame[],
): WorkflowTaskReply {
  const { frames, nextEventId } = readPage(engine, run, 1, lastEventId, 0);
  if (nextEventId === undefined) return { message, frames: [...frames, ...virtual] };
  const token = {
    runId: run.birth.runId,
    nextEventId,
    lastEventId,
    virtual: virtual.map((frame) => frame.toString('base64')),
  };
  return { message: { ...message, nextPageToken: writePageToken(token) }, frames };
}

/** A query outside of any task: a sticky worker has the workflow in memory and gets no history at all. */
export function queryReply(
  engine: Engine,
  run: Run,
  query: { id: string; query: NonNullable<WorkflowTaskReply['message']['query']> },
  sticky: boolean,
): () => WorkflowTaskReply {
  const message: WorkflowTaskReply['message'] = {
    ...replyHead(run),
    taskToken: writeToken({ kind: 'query', queryId: query.id }),
    attempt: 1,
    query: query.query,
  };
  const lastEventId = run.nextEventId - 1;
  return () => (sticky ? { message, frames: [] } : firstPage(engine, run, message, lastEventId, []));
}
