import type { Poller } from '../matching/task-queue.js';
import { failedPrecondition } from '../protocol/errors.js';
import type { WorkflowTaskReply } from '../protocol/replies.js';
import { EventType, TaskFailedCause, TimeoutType, int64, type Failure } from '../protocol/messages.js';
import type { Engine } from './engine.js';
import { appendEvent, flushBuffered } from './history.js';
import { isOpen, type Run } from './run.js';
import { step } from './state-machine.js';
import { scheduledEvent, startedEvent, workflowTaskReply } from './workflow-task-reply.js';
import { workflowTaskTransitions, type WorkflowTask, type WorkflowTaskHappening } from './workflow-task-state.js';

/** A task that fails again and again is offered more and more slowly. */
const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 10_000;

/** From this attempt on a workflow task counts as failing, and nobody can answer for the workflow. */
export const FAILING_ATTEMPT = 3;

export const cannotAnswer = () => failedPrecondition('Cannot query workflow due to Workflow Task in failed state.');

function refuseQueries(run: Run): void {
  for (const query of run.queries.splice(0)) query.reject(cannotAnswer());
}

function move(engine: Engine, run: Run, task: WorkflowTask, happening: WorkflowTaskHappening): void {
  task.state = step(workflowTaskTransitions, task.state, happening);
  engine.clock.cancel(task.deadline);
  task.deadline = undefined;
  if (task.state !== 'started') engine.open.release(task.connection, run);
  if (task.state === 'none') leave(engine, run, task);
  else engine.inFlight.enter(task);
  engine.store.touch(run);
}

function leave(engine: Engine, run: Run, task: WorkflowTask): void {
  task.queued?.queue.withdraw(task.queued.task);
  task.queued = undefined;
  run.workflowTask = undefined;
  engine.inFlight.leave(task);
}

function newTask(engine: Engine, run: Run, sticky: boolean): WorkflowTask {
  return {
    sequence: ++run.workflowTaskSequence,
    state: 'none',
    attempt: run.workflowTaskAttempt,
    transient: run.workflowTaskAttempt > 1,
    baseEventId: run.nextEventId,
    scheduledId: 0,
    startedId: 0,
    scheduledMs: engine.clock.nowMs(),
    startedMs: 0,
    queue: sticky && run.sticky ? run.sticky.queue : run.birth.taskQueue,
    sticky,
    identity: '',
    historyBytesAtStart: 0,
    suggestContinueAsNew: false,
    connection: '',
    deadline: undefined,
    queued: undefined,
    queryIds: [],
  };
}

const mayBeScheduled = (run: Run): boolean => isOpen(run) && !run.workflowTask && !run.delayedUntilMs && !run.applying;

/** Something happened that the workflow must see. One task serves any number of such facts. */
export function scheduleWorkflowTask(engine: Engine, run: Run): void {
  const task = prepareWorkflowTask(engine, run);
  if (task) offerWorkflowTask(engine, run, task);
}

/** A scheduled task that the caller offers, or starts at once. Undefined if there is no need for one. */
export function prepareWorkflowTask(engine: Engine, run: Run): WorkflowTask | undefined {
  if (!mayBeScheduled(run)) return undefined;
  const sticky =
    run.sticky !== undefined &&
    run.workflowTaskAttempt === 1 &&
    engine.matching.isServed(run.birth.namespace, 'workflow', run.sticky.queue);
  if (!sticky) run.sticky = undefined;
  const task = newTask(engine, run, sticky);
  run.workflowTask = task;
  move(engine, run, task, 'schedule');
  if (!task.transient) task.scheduledId = appendEvent(engine, run, scheduledEvent(run, task), task.scheduledMs);
  return task;
}

/** Puts a scheduled task on its queue; also how a restarted node takes up the tasks it finds. */
export function offerWorkflowTask(engine: Engine, run: Run, task: WorkflowTask, noLaterMs = Infinity): void {
  engine.inFlight.enter(task);
  if (task.sticky && run.sticky) {
    const atMs = Math.min(noLaterMs, task.scheduledMs + run.sticky.scheduleToStartMs);
    task.deadline = engine.clock.at(atMs, taskDue(run, task));
  }
  const offered = { start: (poller: Poller) => startWorkflowTask(engine, run, task, poller) };
  const queue = engine.matching.queue(run.birth.namespace, 'workflow', task.queue);
  task.queued = { queue, task: offered };
  queue.add(offered);
}

const taskDue = (run: Run, task: WorkflowTask) =>
  ({ kind: 'workflow-task-timeout', runId: run.birth.runId, sequence: task.sequence }) as const;

export function startWorkflowTask(
  engine: Engine,
  run: Run,
  task: WorkflowTask,
  poller: Pick<Poller, 'identity' | 'connection'>,
): (() => WorkflowTaskReply) | undefined {
  if (run.workflowTask !== task || task.state !== 'scheduled') return undefined;
  move(engine, run, task, 'start');
  task.queued = undefined;
  if (task.transient && run.nextEventId !== task.baseEventId) {
    task.transient = false;
    task.scheduledId = appendEvent(engine, run, scheduledEvent(run, task));
  }
  task.identity = poller.identity;
  task.connection = poller.connection;
  engine.open.hold(poller.connection, run);
  task.startedMs = engine.clock.nowMs();
  task.historyBytesAtStart = run.historyBytes;
  task.suggestContinueAsNew =
    run.nextEventId > engine.limits.suggestContinueAsNewEvents ||
    run.historyBytes > engine.limits.suggestContinueAsNewBytes;
  if (task.transient) {
    task.scheduledId = run.nextEventId;
    task.startedId = run.nextEventId + 1;
  } else task.startedId = appendEvent(engine, run, startedEvent(run, task, engine), task.startedMs);
  task.queryIds = run.queries.map(({ id }) => id);
  armStartToClose(engine, run, task);
  return workflowTaskReply(engine, run, task);
}

export function armStartToClose(engine: Engine, run: Run, task: WorkflowTask, noLaterMs = Infinity): void {
  engine.inFlight.enter(task);
  task.deadline = engine.clock.at(Math.min(noLaterMs, task.startedMs + run.birth.taskTimeoutMs), taskDue(run, task));
}

/** Makes a repeated attempt's two events real, with the ids and the times the worker was told: a replay sees the same. */
function materialize(engine: Engine, run: Run, task: WorkflowTask): void {
  if (!task.transient) return;
  appendEvent(engine, run, scheduledEvent(run, task), task.scheduledMs);
  appendEvent(engine, run, startedEvent(run, task, engine), task.startedMs);
  task.transient = false;
}

/** Ends a started task with success; the caller writes what its commands say. */
export function closeAsCompleted(engine: Engine, run: Run, task: WorkflowTask): void {
  materialize(engine, run, task);
  move(engine, run, task, 'complete');
  run.workflowTaskAttempt = 1;
  run.previousStartedId = task.startedId;
}

export interface TaskFailure {
  readonly cause: TaskFailedCause;
  readonly failure: Failure | null | undefined;
  readonly identity: string;
  /** The workflow is not to blame: the next task is a first attempt again. */
  readonly blameless?: boolean;
}

export function failWorkflowTask(engine: Engine, run: Run, task: WorkflowTask, failed: TaskFailure): void {
  if (failed.blameless) materialize(engine, run, task);
  move(engine, run, task, 'fail');
  if (!task.transient) appendFailed(engine, run, task, failed);
  tryAgain(engine, run, failed.blameless ? 1 : task.attempt + 1);
}

function appendFailed(engine: Engine, run: Run, task: WorkflowTask, failed: TaskFailure): void {
  appendEvent(engine, run, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    workflowTaskFailedEventAttributes: {
      scheduledEventId: int64(task.scheduledId),
      startedEventId: int64(task.startedId),
      cause: failed.cause,
      failure: failed.failure ?? null,
      identity: failed.identity,
    },
  });
}

/** The worker that held the task did not answer in time, or its connection broke. */
export function timeOutStarted(engine: Engine, run: Run, task: WorkflowTask): void {
  move(engine, run, task, 'time out');
  if (!task.transient) appendTimedOut(engine, run, task, TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE);
  tryAgain(engine, run, task.attempt + 1);
}

/** The worker that has the workflow in memory is gone: any worker may take it, and replays it from the start. */
export function leaveStickyQueue(engine: Engine, run: Run, task: WorkflowTask): void {
  move(engine, run, task, 'sticky worker gone');
  run.sticky = undefined;
  if (!task.transient) appendTimedOut(engine, run, task, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);
  scheduleWorkflowTask(engine, run);
}

function appendTimedOut(engine: Engine, run: Run, task: WorkflowTask, timeoutType: TimeoutType): void {
  appendEvent(engine, run, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    workflowTaskTimedOutEventAttributes: {
      scheduledEventId: int64(task.scheduledId),
      startedEventId: int64(task.startedId),
      timeoutType,
    },
  });
}

function tryAgain(engine: Engine, run: Run, attempt: number): void {
  run.sticky = undefined;
  // Facts that came meanwhile make it a new task rather than a repetition.
  run.workflowTaskAttempt = flushBuffered(engine, run) ? 1 : attempt;
  if (run.workflowTaskAttempt >= FAILING_ATTEMPT) refuseQueries(run);
  if (run.workflowTaskAttempt > 2) backOff(engine, run);
  else scheduleWorkflowTask(engine, run);
}

function backOff(engine: Engine, run: Run): void {
  const task = newTask(engine, run, false);
  run.workflowTask = task;
  move(engine, run, task, 'back off');
  armBackOff(engine, run, task);
}

export function armBackOff(engine: Engine, run: Run, task: WorkflowTask): void {
  engine.inFlight.enter(task);
  const backOffMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(20, task.attempt - 3));
  task.deadline = engine.clock.at(task.scheduledMs + backOffMs, {
    kind: 'workflow-task-retry',
    runId: run.birth.runId,
    sequence: task.sequence,
  });
}

export function backOffOver(engine: Engine, run: Run, task: WorkflowTask): void {
  move(engine, run, task, 'back-off over');
  offerWorkflowTask(engine, run, task);
}

export function dropWorkflowTask(engine: Engine, run: Run): void {
  if (run.workflowTask) move(engine, run, run.workflowTask, 'run closes');
}

/**
 * The run is ended from outside. A task in a worker's hands must be seen to fail: whoever replays the history would
 * take the facts that were held back for news that this task brought about.
 */
export function endWorkflowTask(engine: Engine, run: Run): void {
  const task = run.workflowTask;
  const wasTaken = task?.state === 'started' && !task.transient;
  dropWorkflowTask(engine, run);
  if (!task || !wasTaken) return;
  const cause = TaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND;
  appendFailed(engine, run, task, { cause, failure: null, identity: 'embedded-node' });
}
