import type { Deadline } from '../clock/deadline-heap.js';
import type { Task, TaskQueue } from '../matching/task-queue.js';
import type { Due } from './due.js';
import type { Transitions } from './state-machine.js';

/**
 * The workflow task of a run. There is none, or one that is
 *  - `backing-off`: failed several times, waits before it is offered again
 *  - `scheduled`:   offered on a queue
 *  - `started`:     in a worker's hands
 */
export type WorkflowTaskState = 'none' | 'backing-off' | 'scheduled' | 'started';

export type WorkflowTaskHappening =
  | 'schedule'
  | 'back off'
  | 'back-off over'
  | 'start'
  | 'sticky worker gone'
  | 'complete'
  | 'fail'
  | 'time out'
  | 'run closes';

export const workflowTaskTransitions: Transitions<WorkflowTaskState, WorkflowTaskHappening> = {
  none: { schedule: 'scheduled', 'back off': 'backing-off' },
  'backing-off': { 'back-off over': 'scheduled', 'run closes': 'none' },
  scheduled: { start: 'started', 'sticky worker gone': 'none', 'run closes': 'none' },
  started: { complete: 'none', fail: 'none', 'time out': 'none', 'run closes': 'none' },
};

export interface WorkflowTask {
  /** Goes up with every task of the run, so that an answer to an older one is recognised. */
  readonly sequence: number;
  state: WorkflowTaskState;
  readonly attempt: number;
  /**
   * A repeated attempt leaves no events of its own until it succeeds: its two events exist only in the poll's reply.
   * It becomes a real one if other events came in between.
   */
  transient: boolean;
  readonly baseEventId: number;
  scheduledId: number;
  startedId: number;
  readonly scheduledMs: number;
  startedMs: number;
  readonly queue: string;
  readonly sticky: boolean;
  identity: string;
  historyBytesAtStart: number;
  suggestContinueAsNew: boolean;

  // Never stored.
  connection: string;
  deadline: Deadline<Due> | undefined;
  queued: { readonly queue: TaskQueue; readonly task: Task } | undefined;
  queryIds: readonly string[];
}
