import { TimeoutType } from '../protocol/messages.js';
import type { Activity } from './activity-state.js';
import type { Due } from './due.js';
import type { Engine } from './engine.js';
import type { Run } from './run.js';

export type TimeoutKind = Extract<Due, { kind: 'activity-timeout' }>['timeout'];

/** What each time-out is called in a failure, and whether another attempt may follow it. */
export const TIMEOUTS: Readonly<Record<TimeoutKind, { type: TimeoutType; message: string; retried: boolean }>> = {
  scheduleToStart: {
    type: TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START,
    message: 'activity ScheduleToStart timeout',
    retried: false,
  },
  scheduleToClose: {
    type: TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE,
    message: 'activity ScheduleToClose timeout',
    retried: false,
  },
  startToClose: {
    type: TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE,
    message: 'activity StartToClose timeout',
    retried: true,
  },
  heartbeat: { type: TimeoutType.TIMEOUT_TYPE_HEARTBEAT, message: 'activity Heartbeat timeout', retried: true },
};

/** The moment each time-out ends, counted from where the protocol counts it. Zero for "not set". */
export function timeoutAtMs(activity: Activity, kind: TimeoutKind): number {
  const { scheduleToStartMs, scheduleToCloseMs, startToCloseMs, heartbeatMs } = activity.timeouts;
  switch (kind) {
    case 'scheduleToStart':
      return scheduleToStartMs && activity.scheduledMs + scheduleToStartMs;
    case 'scheduleToClose':
      return scheduleToCloseMs && activity.firstScheduledMs + scheduleToCloseMs;
    case 'startToClose':
      return startToCloseMs && activity.startedMs + startToCloseMs;
    case 'heartbeat':
      return heartbeatMs && activity.heartbeatMs + heartbeatMs;
  }
}

export function armTimeout(engine: Engine, run: Run, activity: Activity, timeout: TimeoutKind): void {
  disarm(engine, activity, timeout);
  const atMs = timeoutAtMs(activity, timeout);
  if (!atMs) return;
  const { runId } = run.birth;
  const due = { kind: 'activity-timeout', runId, scheduledId: activity.scheduledId, timeout } as const;
  activity.deadlines[timeout] = engine.clock.at(atMs, due);
}

export function disarm(engine: Engine, activity: Activity, kind: keyof Activity['deadlines']): void {
  engine.clock.cancel(activity.deadlines[kind]);
  delete activity.deadlines[kind];
}
