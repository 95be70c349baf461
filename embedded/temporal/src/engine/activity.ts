import type { Poller } from '../matching/task-queue.js';
import { invalidArgument } from '../protocol/errors.js';
import { staleTask } from '../protocol/tokens.js';
import {
  EventType,
  RetryState,
  api,
  fromBase64,
  int64,
  toBase64,
  type Failure,
  type HistoryEvent,
  type Payloads,
} from '../protocol/messages.js';
import { toTimestamp } from '../protocol/time.js';
import { activityReply, type ActivityReply } from './activity-reply.js';
import { TIMEOUTS, armTimeout, disarm, timeoutAtMs, type TimeoutKind } from './activity-timeouts.js';
import { activityTransitions, type Activity, type ActivityHappening } from './activity-state.js';
import type { Engine } from './engine.js';
import { deliver } from './inbound.js';
import { decideRetry } from './retry-policy.js';
import { isOpen, type Run } from './run.js';
import { step } from './state-machine.js';

const codec = api.common.v1.Payloads;
const failureCodec = api.failure.v1.Failure;

function move(engine: Engine, run: Run, activity: Activity, happening: ActivityHappening): void {
  activity.state = step(activityTransitions, activity.state, happening);
  engine.store.touch(run);
  if (activity.state === 'scheduled' || activity.state === 'started') engine.inFlight.enter(activity);
  else engine.inFlight.leave(activity);
  if (activity.state === 'scheduled' || activity.state === 'started') return;
  activity.queued?.queue.withdraw(activity.queued.task);
  activity.queued = undefined;
  if (activity.state === 'closed') forget(engine, run, activity);
}

function forget(engine: Engine, run: Run, activity: Activity): void {
  for (const deadline of Object.values(activity.deadlines)) engine.clock.cancel(deadline);
  activity.deadlines = {};
  run.activities.delete(activity.scheduledId);
  run.activityIds.delete(activity.activityId);
}

export function addActivity(engine: Engine, run: Run, activity: Activity): void {
  run.activities.set(activity.scheduledId, activity);
  run.activityIds.set(activity.activityId, activity.scheduledId);
  engine.inFlight.enter(activity);
  armTimeout(engine, run, activity, 'scheduleToClose');
}

// ——— time-outs

/** After a restart: every deadline and the place on the queue, from what is stored. */
export function rearmActivity(engine: Engine, run: Run, activity: Activity): void {
  armTimeout(engine, run, activity, 'scheduleToClose');
  if (activity.state === 'backing-off') return armRetry(engine, run, activity);
  engine.inFlight.enter(activity);
  if (activity.state === 'scheduled') return offerActivity(engine, run, activity);
  // The worker could not report while the node was down: its silence counts from now on.
  activity.heartbeatMs = Math.max(activity.heartbeatMs, engine.clock.nowMs());
  armTimeout(engine, run, activity, 'startToClose');
  armTimeout(engine, run, activity, 'heartbeat');
}

export function timeOutActivity(engine: Engine, run: Run, activity: Activity, kind: TimeoutKind): void {
  const { retried } = TIMEOUTS[kind];
  let failure = timeoutFailure(activity, kind);
  const retryState = retried ? retryOrState(engine, run, activity, failure) : RetryState.RETRY_STATE_TIMEOUT;
  if (retryState === undefined) return;
  const isOutOfTime = retryState === RetryState.RETRY_STATE_TIMEOUT;
  // Without room for another attempt it is the whole time that ran out, as every Temporal server tells it.
  if (retried && isOutOfTime) failure = timeoutFailure(activity, 'scheduleToClose');
  // What went wrong before tells more than that time ran out.
  if (isOutOfTime && activity.lastFailure) failure.cause = fromBase64(failureCodec, activity.lastFailure);
  const wasStarted = activity.state === 'started';
  move(engine, run, activity, 'time out');
  deliverEnd(engine, run, activity, wasStarted, {
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
    activityTaskTimedOutEventAttributes: { failure, scheduledEventId: int64(activity.scheduledId), retryState },
  });
}

function timeoutFailure(activity: Activity, kind: TimeoutKind): Failure {
  const { type, message } = TIMEOUTS[kind];
  const lastHeartbeatDetails = activity.heartbeat ? fromBase64(codec, activity.heartbeat) : null;
  return { message, source: 'Server', timeoutFailureInfo: { timeoutType: type, lastHeartbeatDetails } };
}

// ——— offering and starting

export function offerActivity(engine: Engine, run: Run, activity: Activity): void {
  armTimeout(engine, run, activity, 'scheduleToStart');
  const task = { start: (poller: Poller) => startActivity(engine, run, activity, poller.identity) };
  const queue = engine.matching.queue(run.birth.namespace, 'activity', activity.queue);
  activity.queued = { queue, task };
  queue.add(task);
}

export function startActivity(
  engine: Engine,
  run: Run,
  activity: Activity,
  identity: string,
): (() => ActivityReply) | undefined {
  if (!isOpen(run) || activity.state !== 'scheduled') return undefined;
  move(engine, run, activity, 'start');
  activity.queued = undefined;
  disarm(engine, activity, 'scheduleToStart');
  activity.identity = identity;
  activity.startedMs = engine.clock.nowMs();
  activity.heartbeatMs = activity.startedMs;
  armTimeout(engine, run, activity, 'startToClose');
  armTimeout(engine, run, activity, 'heartbeat');
  return activityReply(engine, run, activity);
}

// ——— what workers report

/** The attempt that a token names must still be the running one. */
export function findStarted(run: Run | undefined, scheduledId: number, attempt: number): [Run, Activity] {
  const activity = run?.activities.get(scheduledId);
  if (!run || !isOpen(run) || activity?.state !== 'started' || activity.attempt !== attempt)
    throw staleTask('Activity');
  return [run, activity];
}

/** For completing, which is possible in every state. */
export function findById(run: Run, activityId: string): [Run, Activity] {
  const activity = run.activities.get(run.activityIds.get(activityId) ?? -1);
  if (!isOpen(run) || !activity) throw staleTask('Activity');
  return [run, activity];
}

/** For every other report: there must be an attempt that it is about. */
export function findStartedById(run: Run, activityId: string): [Run, Activity] {
  const found = findById(run, activityId);
  if (found[1].state !== 'started') throw staleTask('Activity');
  return found;
}

export function heartbeat(engine: Engine, run: Run, activity: Activity, details: Payloads | null | undefined): boolean {
  if (details) activity.heartbeat = toBase64(codec, details);
  activity.heartbeatMs = engine.clock.nowMs();
  armTimeout(engine, run, activity, 'heartbeat');
  engine.store.touch(run);
  return activity.cancelRequestedId > 0;
}

export function completeActivity(
  engine: Engine,
  run: Run,
  activity: Activity,
  result: Payloads | null | undefined,
  identity: string,
): void {
  move(engine, run, activity, 'complete');
  deliverEnd(engine, run, activity, true, {
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    activityTaskCompletedEventAttributes: {
      result: result ?? null,
      scheduledEventId: int64(activity.scheduledId),
      identity,
    },
  });
}

export function failActivity(
  engine: Engine,
  run: Run,
  activity: Activity,
  failure: Failure,
  lastHeartbeat: Payloads | null | undefined,
  identity: string,
): void {
  if (lastHeartbeat) activity.heartbeat = toBase64(codec, lastHeartbeat);
  const retryState = retryOrState(engine, run, activity, failure);
  if (retryState === undefined) return;
  move(engine, run, activity, 'fail');
  deliverEnd(engine, run, activity, true, {
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
    activityTaskFailedEventAttributes: {
      failure,
      scheduledEventId: int64(activity.scheduledId),
      identity,
      retryState,
    },
  });
}

/** A worker may end as cancelled only what the workflow wants cancelled. */
export function checkCancelRequested(activity: Activity): void {
  if (!activity.cancelRequestedId) throw invalidArgument('cancellation of the activity was not requested');
}

export function reportCanceled(
  engine: Engine,
  run: Run,
  activity: Activity,
  details: Payloads | null | undefined,
  identity: string,
): void {
  const wasStarted = activity.state === 'started';
  move(engine, run, activity, 'cancel');
  deliverEnd(engine, run, activity, wasStarted, {
    eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
    activityTaskCanceledEventAttributes: {
      details: details ?? null,
      latestCancelRequestedEventId: int64(activity.cancelRequestedId),
      scheduledEventId: int64(activity.scheduledId),
      identity,
    },
  });
}

/** The workflow wants it cancelled: at once if no worker has it, else the worker hears of it at its next heartbeat. */
export function requestActivityCancel(engine: Engine, run: Run, activity: Activity, requestedId: number): void {
  activity.cancelRequestedId = requestedId;
  if (activity.state !== 'started') reportCanceled(engine, run, activity, undefined, 'embedded-node');
}

export function dropActivities(engine: Engine, run: Run): void {
  for (const activity of [...run.activities.values()]) move(engine, run, activity, 'run closes');
}

// ——— retries

/** Undefined when another attempt was arranged, else why there will be none. */
function retryOrState(engine: Engine, run: Run, activity: Activity, failure: Failure): RetryState | undefined {
  if (activity.cancelRequestedId) return RetryState.RETRY_STATE_CANCEL_REQUESTED;
  const nowMs = engine.clock.nowMs();
  const expiresMs = timeoutAtMs(activity, 'scheduleToClose') || Infinity;
  const decision = decideRetry(activity.retryPolicy, activity.attempt, failure, nowMs, expiresMs);
  if ('stop' in decision) return decision.stop;
  move(engine, run, activity, 'attempt fails');
  for (const kind of ['scheduleToStart', 'startToClose', 'heartbeat'] as const) disarm(engine, activity, kind);
  activity.lastFailure = toBase64(failureCodec, failure);
  activity.attempt++;
  activity.retryAtMs = nowMs + decision.retryInMs;
  armRetry(engine, run, activity);
  return undefined;
}

function armRetry(engine: Engine, run: Run, activity: Activity): void {
  activity.deadlines.retry = engine.clock.at(activity.retryAtMs, {
    kind: 'activity-retry',
    runId: run.birth.runId,
    scheduledId: activity.scheduledId,
  });
}

export function retryActivity(engine: Engine, run: Run, activity: Activity): void {
  move(engine, run, activity, 'back-off over');
  delete activity.deadlines.retry;
  activity.scheduledMs = engine.clock.nowMs();
  offerActivity(engine, run, activity);
}

/** The start of an attempt is written only now, just before its end: attempts that fail leave no events. */
function deliverEnd(engine: Engine, run: Run, activity: Activity, wasStarted: boolean, event: HistoryEvent): void {
  if (!wasStarted) return deliver(engine, run, { event });
  deliver(engine, run, {
    event,
    activityStarted: {
      eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
      eventTime: toTimestamp(activity.startedMs) ?? null,
      activityTaskStartedEventAttributes: {
        scheduledEventId: int64(activity.scheduledId),
        identity: activity.identity,
        requestId: `${run.birth.runId}/${activity.scheduledId}/${activity.attempt}`,
        attempt: activity.attempt,
        lastFailure: activity.lastFailure ? fromBase64(failureCodec, activity.lastFailure) : null,
      },
    },
  });
}
