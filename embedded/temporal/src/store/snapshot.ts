import type { Activity } from '../engine/activity-state.js';
import { isOpen, newRun, type Birth, type Run } from '../engine/run.js';
import type { WorkflowTask } from '../engine/workflow-task-state.js';
import { decodeFields, encodeFields, ownCopy, type Fields } from '../protocol/messages.js';

/** A row of `runs`. */
export interface RunRow {
  readonly row: number;
  readonly run_id: string;
  readonly status: number;
  readonly close_ms: number | null;
  readonly history_length: number;
  readonly history_bytes: number;
  readonly birth: string;
  readonly state: string;
  readonly memo: Uint8Array | null;
  readonly search_attributes: Uint8Array | null;
}

type StoredTask = Omit<WorkflowTask, 'connection' | 'deadline' | 'queued' | 'queryIds'>;
/** Without what may be large: that has rows of its own. */
type StoredActivity = Omit<Activity, 'deadlines' | 'queued' | 'heartbeat' | 'lastFailure'>;
type StoredTimer = [timerId: string, startedId: number, fireAtMs: number, fired: 0 | 1];

/** Written for open runs only; a closed run needs none of it. */
interface State {
  readonly attempt: number;
  readonly sequence: number;
  readonly previousStarted: number;
  readonly sticky?: Run['sticky'];
  readonly task?: StoredTask;
  readonly delayedUntil?: number;
  readonly activities?: StoredActivity[];
  readonly timers?: StoredTimer[];
  readonly cancelRequested?: true;
  readonly signals?: number;
}

const storeTask = ({ connection: _c, deadline: _d, queued: _q, queryIds: _i, ...task }: WorkflowTask): StoredTask =>
  task;
const storeActivity = ({
  deadlines: _d,
  queued: _q,
  heartbeat: _h,
  lastFailure: _f,
  ...activity
}: Activity): StoredActivity => activity;

export function writeState(run: Run): string {
  const state: State = {
    attempt: run.workflowTaskAttempt,
    sequence: run.workflowTaskSequence,
    previousStarted: run.previousStartedId,
    ...(isOpen(run) ? openState(run) : {}),
  };
  return JSON.stringify(state);
}

const openState = (run: Run): Partial<State> => ({
  ...(run.sticky ? { sticky: run.sticky } : {}),
  ...(run.workflowTask ? { task: storeTask(run.workflowTask) } : {}),
  ...(run.delayedUntilMs ? { delayedUntil: run.delayedUntilMs } : {}),
  ...(run.activities.size ? { activities: [...run.activities.values()].map(storeActivity) } : {}),
  ...(run.timers.size
    ? {
        timers: [...run.timers.values()].map((timer): StoredTimer => [
          timer.timerId,
          timer.startedId,
          timer.fireAtMs,
          timer.state === 'fired' ? 1 : 0,
        ]),
      }
    : {}),
  ...(run.cancelRequested ? { cancelRequested: true } : {}),
  ...(run.signals ? { signals: run.signals } : {}),
});

/** The run as it was but for its large parts; its deadlines and tasks are set again by whoever takes it up. */
export function loadRun(row: RunRow): Run {
  const run = newRun(row.row, JSON.parse(row.birth) as Birth);
  const state = JSON.parse(row.state) as State;
  run.status = row.status;
  run.closeMs = row.close_ms ?? 0;
  run.nextEventId = row.history_length + 1;
  run.tailFrom = run.nextEventId;
  run.historyBytes = row.history_bytes;
  run.memo = readFields(row.memo);
  run.searchAttributes = readFields(row.search_attributes);
  run.unsaved.stored = true;
  run.unsaved.indexChanged = false;
  run.workflowTaskAttempt = state.attempt;
  run.workflowTaskSequence = state.sequence;
  run.previousStartedId = state.previousStarted;
  run.sticky = state.sticky;
  run.delayedUntilMs = state.delayedUntil ?? 0;
  run.cancelRequested = state.cancelRequested ?? false;
  run.signals = state.signals ?? 0;
  if (state.task) {
    run.workflowTask = { ...state.task, connection: '', deadline: undefined, queued: undefined, queryIds: [] };
  }
  for (const [timerId, startedId, fireAtMs, fired] of state.timers ?? []) {
    const timerState = fired ? 'fired' : 'running';
    run.timers.set(timerId, { timerId, startedId, fireAtMs, state: timerState, deadline: undefined });
  }
  for (const stored of state.activities ?? []) {
    run.activities.set(stored.scheduledId, {
      ...stored,
      heartbeat: '',
      lastFailure: '',
      deadlines: {},
      queued: undefined,
    });
    run.activityIds.set(stored.activityId, stored.scheduledId);
  }
  return run;
}

export const writeFields = (fields: Fields): Uint8Array | null =>
  Object.keys(fields).length ? encodeFields(fields) : null;

export const readFields = (bytes: Uint8Array | null): Fields => (bytes ? decodeFields(ownCopy(bytes)) : {});
