import type { Deadline } from '../clock/deadline-heap.js';
import type { Task, TaskQueue } from '../matching/task-queue.js';
import type { Due } from './due.js';
import type { RetryPolicy } from './retry-policy.js';
import type { Transitions } from './state-machine.js';

/**
 * An activity that the workflow scheduled and that has not ended:
 *  - `scheduled`:   offered on a queue
 *  - `started`:     in a worker's hands
 *  - `backing-off`: an attempt failed, the next one waits
 */
export type ActivityState = 'scheduled' | 'started' | 'backing-off' | 'closed';

export type ActivityHappening =
  'start' | 'attempt fails' | 'back-off over' | 'complete' | 'fail' | 'cancel' | 'time out' | 'run closes';

const ends = {
  cancel: 'closed',
  'time out': 'closed',
  'run closes': 'closed',
  complete: 'closed',
} as const;

/** Completing by activity id needs no worker that holds the task; failing does. */
export const activityTransitions: Transitions<ActivityState, ActivityHappening> = {
  scheduled: { start: 'started', ...ends },
  started: { 'attempt fails': 'backing-off', fail: 'closed', ...ends },
  'backing-off': { 'back-off over': 'scheduled', ...ends },
  closed: {},
};

/** Zero for "not set". */
export interface ActivityTimeouts {
  readonly scheduleToStartMs: number;
  readonly scheduleToCloseMs: number;
  readonly startToCloseMs: number;
  readonly heartbeatMs: number;
}

export interface Activity {
  readonly scheduledId: number;
  readonly activityId: string;
  readonly type: string;
  readonly queue: string;
  readonly timeouts: ActivityTimeouts;
  readonly retryPolicy: RetryPolicy;
  readonly firstScheduledMs: number;
  state: ActivityState;
  attempt: number;
  scheduledMs: number;
  startedMs: number;
  heartbeatMs: number;
  /** When the back-off ends. */
  retryAtMs: number;
  cancelRequestedId: number;
  identity: string;
  /** Encoded messages, in base64 as they are stored. */
  heartbeat: string;
  lastFailure: string;

  // Never stored.
  deadlines: Partial<Record<'retry' | Extract<Due, { kind: 'activity-timeout' }>['timeout'], Deadline<Due>>>;
  queued: { readonly queue: TaskQueue; readonly task: Task } | undefined;
}
