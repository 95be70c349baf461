import type { Activity } from '../engine/activity-state.js';
import type { Engine } from '../engine/engine.js';
import { readEvent } from '../engine/history.js';
import { isOpen, type Run } from '../engine/run.js';
import { api, enums, fromBase64, int64, type temporal } from '../protocol/messages.js';
import { toDuration, toDurationOrZero, toTimestamp } from '../protocol/time.js';

type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo;

const time = (ms: number) => (ms ? (toTimestamp(ms) ?? null) : null);

const infoOf = (run: Run): Info => {
  const { birth } = run;
  const execution = { workflowId: birth.workflowId, runId: birth.runId };
  return {
    execution,
    type: { name: birth.workflowType },
    startTime: time(birth.startMs),
    executionTime: time(birth.startMs + birth.firstTaskDelayMs),
    closeTime: time(run.closeMs),
    status: run.status,
    historyLength: int64(run.nextEventId - 1),
    historySizeBytes: int64(run.historyBytes),
    memo: { fields: run.memo },
    searchAttributes: { indexedFields: run.searchAttributes },
    taskQueue: birth.taskQueue,
    firstRunId: birth.firstRunId,
    rootExecution: execution,
    executionDuration: isOpen(run) ? null : toDurationOrZero(run.closeMs - birth.startMs),
    stateTransitionCount: int64(run.nextEventId - 1),
  };
};

const { PENDING_ACTIVITY_STATE_CANCEL_REQUESTED, PENDING_ACTIVITY_STATE_STARTED, PENDING_ACTIVITY_STATE_SCHEDULED } =
  enums.PendingActivityState;

const pendingActivity = (activity: Activity): temporal.api.workflow.v1.IPendingActivityInfo => ({
  activityId: activity.activityId,
  activityType: { name: activity.type },
  state: activity.cancelRequestedId
    ? PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
    : activity.state === 'started'
      ? PENDING_ACTIVITY_STATE_STARTED
      : PENDING_ACTIVITY_STATE_SCHEDULED,
  attempt: activity.attempt,
  maximumAttempts: activity.retryPolicy.maximumAttempts,
  heartbeatDetails: activity.heartbeat ? fromBase64(api.common.v1.Payloads, activity.heartbeat) : null,
  lastHeartbeatTime: activity.heartbeat ? time(activity.heartbeatMs) : null,
  lastFailure: activity.lastFailure ? fromBase64(api.failure.v1.Failure, activity.lastFailure) : null,
  scheduledTime: time(activity.state === 'backing-off' ? activity.retryAtMs : activity.scheduledMs),
  lastStartedTime: time(activity.startedMs),
  lastWorkerIdentity: activity.identity,
});

const pendingTask = (run: Run): temporal.api.workflow.v1.IPendingWorkflowTaskInfo | null => {
  const task = run.workflowTask;
  if (!task) return null;
  const { PENDING_WORKFLOW_TASK_STATE_STARTED, PENDING_WORKFLOW_TASK_STATE_SCHEDULED } = enums.PendingWorkflowTaskState;
  return {
    state: task.state === 'started' ? PENDING_WORKFLOW_TASK_STATE_STARTED : PENDING_WORKFLOW_TASK_STATE_SCHEDULED,
    attempt: task.attempt,
    scheduledTime: time(task.scheduledMs),
    originalScheduledTime: time(task.scheduledMs),
    startedTime: time(task.startedMs),
  };
};

/** Reads the first event, hence called after the commit. */
export function describeRun(
  engine: Engine,
  run: Run,
): temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse {
  const { birth } = run;
  return {
    executionConfig: {
      taskQueue: { name: birth.taskQueue, kind: enums.TaskQueueKind.TASK_QUEUE_KIND_NORMAL },
      workflowExecutionTimeout: toDuration(birth.executionTimeoutMs),
      workflowRunTimeout: toDuration(birth.runTimeoutMs),
      defaultWorkflowTaskTimeout: toDuration(birth.taskTimeoutMs),
      userMetadata: readEvent(engine, run, 1).userMetadata ?? null,
    },
    workflowExecutionInfo: infoOf(run),
    pendingActivities: [...run.activities.values()].map(pendingActivity),
    pendingWorkflowTask: pendingTask(run),
  };
}
