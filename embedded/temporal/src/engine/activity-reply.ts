import { api, fromBase64, type temporal } from '../protocol/messages.js';
import { toDuration, toDurationOrZero, toTimestamp } from '../protocol/time.js';
import { writeToken } from '../protocol/tokens.js';
import type { Activity } from './activity-state.js';
import type { Engine } from './engine.js';
import { readEvent } from './history.js';
import { writeRetryPolicy } from './retry-policy.js';
import type { Run } from './run.js';

export type ActivityReply = temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse;

/** Input and header are not kept in memory: they are read from the event that scheduled the activity. */
export function activityReply(engine: Engine, run: Run, activity: Activity): () => ActivityReply {
  const { birth } = run;
  const reply: ActivityReply = {
    taskToken: writeToken({
      kind: 'activity',
      runId: birth.runId,
      scheduledId: activity.scheduledId,
      attempt: activity.attempt,
    }),
    workflowNamespace: birth.namespace,
    workflowType: { name: birth.workflowType },
    workflowExecution: { workflowId: birth.workflowId, runId: birth.runId },
    activityType: { name: activity.type },
    activityId: activity.activityId,
    heartbeatDetails: activity.heartbeat ? fromBase64(api.common.v1.Payloads, activity.heartbeat) : null,
    scheduledTime: toTimestamp(activity.firstScheduledMs) ?? null,
    currentAttemptScheduledTime: toTimestamp(activity.scheduledMs) ?? null,
    startedTime: toTimestamp(activity.startedMs) ?? null,
    attempt: activity.attempt,
    scheduleToCloseTimeout: toDurationOrZero(activity.timeouts.scheduleToCloseMs),
    startToCloseTimeout: toDurationOrZero(activity.timeouts.startToCloseMs),
    heartbeatTimeout: toDuration(activity.timeouts.heartbeatMs),
    retryPolicy: writeRetryPolicy(activity.retryPolicy),
  };
  return () => {
    const scheduled = readEvent(engine, run, activity.scheduledId).activityTaskScheduledEventAttributes;
    return { ...reply, header: scheduled?.header ?? null, input: scheduled?.input ?? null };
  };
}
