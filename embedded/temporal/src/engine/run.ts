import type { Deadline } from '../clock/deadline-heap.js';
import type { TaskQueue, Task } from '../matching/task-queue.js';
import type { Frame } from '../protocol/frames.js';
import { WorkflowStatus, type Fields, type HistoryEvent, type temporal } from '../protocol/messages.js';
import type { Activity } from './activity-state.js';
import type { Due } from './due.js';
import type { RetryPolicy } from './retry-policy.js';
import type { Timer } from './timer-state.js';
import type { WorkflowTask } from './workflow-task-state.js';

/** What is settled when a run starts and never changes. */
export interface Birth {
  readonly runId: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly startMs: number;
  readonly firstRunId: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly runTimeoutMs: number;
  readonly executionTimeoutMs: number;
  /** The whole chain of retries and continuations ends here; zero for never. */
  readonly executionDeadlineMs: number;
  readonly taskTimeoutMs: number;
  readonly firstTaskDelayMs: number;
  readonly retryPolicy: RetryPolicy | undefined;
}

/** A fact that arrived while a worker held the workflow task. It gets its place in history when the task ends. */
export interface BufferedEvent {
  readonly event: HistoryEvent;
  /** An activity's start is written just before its end, with the time at which it was. */
  readonly activityStarted?: HistoryEvent;
}

/** The same, encoded; its row names its place among those of its run. */
export interface HeldBack {
  readonly position: number;
  readonly frames: Buffer;
  /** Of a timer that fired: until the workflow sees it, it may still cancel the timer. */
  readonly timerId: string | undefined;
}

export interface PendingQuery {
  readonly id: string;
  readonly query: temporal.api.query.v1.IWorkflowQuery;
  resolve(answer: temporal.api.common.v1.IPayloads | null | undefined): void;
  reject(error: Error): void;
  queued?: { queue: TaskQueue; task: Task };
}

/** A run in memory: open ones always, a closed one only while something is being asked of it. */
export interface Run {
  /** Its row, and its place in the order of all starts. */
  readonly row: number;
  readonly birth: Birth;
  status: WorkflowStatus;
  closeMs: number;
  nextEventId: number;
  historyBytes: number;
  /** The newest events, from `tailFrom` on: all that a sticky worker has not seen yet. Older ones are on disk only. */
  tail: Frame[];
  tailFrom: number;
  workflowTask: WorkflowTask | undefined;
  workflowTaskAttempt: number;
  workflowTaskSequence: number;
  previousStartedId: number;
  sticky: { readonly queue: string; readonly scheduleToStartMs: number } | undefined;
  /** Until then there is no first workflow task: start delay, retry back-off. Zero for none. */
  delayedUntilMs: number;
  readonly activities: Map<number, Activity>;
  readonly activityIds: Map<string, number>;
  readonly timers: Map<string, Timer>;
  buffered: HeldBack[];
  cancelRequested: boolean;
  signals: number;
  memo: Fields;
  searchAttributes: Fields;

  // From here on: never stored.
  /** While the commands of a task are applied, arriving facts wait as if the task were still running. */
  applying: boolean;
  queries: PendingQuery[];
  watchers: Set<() => void>;
  runDeadline: Deadline<Due> | undefined;
  delayDeadline: Deadline<Due> | undefined;
  /** Frames and request ids not on disk yet, and whether the run has a row already. */
  unsaved: { frames: Frame[]; requestIds: string[]; indexChanged: boolean; stored: boolean };
  /** `released`: all that the disk has is done with. */
  unsavedHeldBack: { added: HeldBack[]; withdrawn: number[]; released: boolean };
  /** What the disk has of its activities. */
  readonly savedDetails: Map<number, Pick<Activity, 'heartbeat' | 'lastFailure'>>;
}

export const isOpen = (run: Run): boolean => run.status === WorkflowStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;

export const workflowKey = (namespace: string, workflowId: string): string => `${namespace}\n${workflowId}`;

export const newRun = (row: number, birth: Birth): Run => ({
  row,
  birth,
  status: WorkflowStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
  closeMs: 0,
  nextEventId: 1,
  historyBytes: 0,
  tail: [],
  tailFrom: 1,
  workflowTask: undefined,
  workflowTaskAttempt: 1,
  workflowTaskSequence: 0,
  previousStartedId: 0,
  sticky: undefined,
  delayedUntilMs: 0,
  activities: new Map(),
  activityIds: new Map(),
  timers: new Map(),
  buffered: [],
  cancelRequested: false,
  signals: 0,
  memo: {},
  searchAttributes: {},
  applying: false,
  queries: [],
  watchers: new Set(),
  runDeadline: undefined,
  delayDeadline: undefined,
  unsaved: { frames: [], requestIds: [], indexChanged: true, stored: false },
  unsavedHeldBack: { added: [], withdrawn: [], released: false },
  savedDetails: new Map(),
});
