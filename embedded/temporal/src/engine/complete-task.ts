import { invalidArgument } from '../protocol/errors.js';
import { EventType, TaskFailedCause, int64, type temporal } from '../protocol/messages.js';
import type { TaskCompletedReply, WorkflowTaskReply } from '../protocol/replies.js';
import { durationMs } from '../protocol/time.js';
import { readToken, staleTask } from '../protocol/tokens.js';
import { offerActivity, startActivity } from './activity.js';
import type { ActivityReply } from './activity-reply.js';
import { applyCommands, type Applied } from './apply-commands.js';
import { TERMINAL_COMMANDS, findBadCommand } from './check-commands.js';
import { closeIfHistoryFull } from './close-run.js';
import type { Engine } from './engine.js';
import { appendEvent, dropSeenTail, flushBuffered } from './history.js';
import { answerQueries, rerouteQueries } from './query.js';
import { isOpen, type Run } from './run.js';
import {
  closeAsCompleted,
  failWorkflowTask,
  prepareWorkflowTask,
  scheduleWorkflowTask,
  startWorkflowTask,
} from './workflow-task.js';
import type { WorkflowTask } from './workflow-task-state.js';

type CompletedRequest = temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest;
type FailedRequest = temporal.api.workflowservice.v1.RespondWorkflowTaskFailedRequest;

const DEFAULT_STICKY_MS = 10_000;

function findTask(engine: Engine, token: Uint8Array): [Run, WorkflowTask] {
  const { runId, sequence } = readToken(token, 'workflow');
  const run = engine.open.byRunId(runId);
  const task = run?.workflowTask;
  if (!run || !isOpen(run) || task?.state !== 'started' || task.sequence !== sequence) throw staleTask('Workflow');
  return [run, task];
}

/** The reply is built after the commit, like every other one. */
export function completeTask(engine: Engine, request: CompletedRequest, connection: string): () => TaskCompletedReply {
  const [run, task] = findTask(engine, request.taskToken);
  refuseIfBad(engine, run, task, request);
  answerQueries(engine, run, request.queryResults);
  closeAsCompleted(engine, run, task);
  const sticky = request.stickyAttributes;
  const stickyQueue = sticky?.workerTaskQueue?.name;
  run.sticky = stickyQueue
    ? { queue: stickyQueue, scheduleToStartMs: durationMs(sticky.scheduleToStartTimeout) || DEFAULT_STICKY_MS }
    : undefined;
  const taskId = appendCompleted(engine, run, task, request);
  run.applying = true;
  const applied = applyCommands(engine, run, taskId, request.commands);
  run.applying = false;
  dropSeenTail(run);
  return finish(engine, run, applied, request, connection);
}

/** Throws after the task has failed: the refusal is part of the history before the worker hears of it. */
function refuseIfBad(engine: Engine, run: Run, task: WorkflowTask, request: CompletedRequest): void {
  const bad = findBadCommand(engine, run, request.commands);
  if (bad) {
    failWorkflowTask(engine, run, task, {
      cause: bad.cause,
      failure: { message: bad.error.message, source: 'Server', serverFailureInfo: { nonRetryable: true } },
      identity: request.identity,
    });
    throw bad.error;
  }
  // What the workflow has not seen might have changed its mind about ending.
  if (run.buffered.length > 0 && request.commands.some(({ commandType }) => TERMINAL_COMMANDS.has(commandType))) {
    failWorkflowTask(engine, run, task, {
      cause: TaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
      failure: { message: 'UnhandledCommand', source: 'Server', serverFailureInfo: {} },
      identity: request.identity,
      blameless: true,
    });
    throw invalidArgument('UnhandledCommand');
  }
}

const appendCompleted = (engine: Engine, run: Run, task: WorkflowTask, request: CompletedRequest): number =>
  appendEvent(engine, run, {
    eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    workflowTaskCompletedEventAttributes: {
      scheduledEventId: int64(task.scheduledId),
      startedEventId: int64(task.startedId),
      identity: request.identity,
      binaryChecksum: request.binaryChecksum,
      workerVersion: request.workerVersionStamp ?? null,
      // Replay depends on the flags the worker used: without them a recorded history proves nothing.
      sdkMetadata: request.sdkMetadata ?? null,
      meteringMetadata: request.meteringMetadata ?? null,
    },
  });

function finish(
  engine: Engine,
  run: Run,
  applied: Applied,
  request: CompletedRequest,
  connection: string,
): () => TaskCompletedReply {
  let nextTask: (() => WorkflowTaskReply) | undefined;
  const eager: (() => ActivityReply)[] = [];
  if (applied.close) {
    flushBuffered(engine, run);
    applied.close();
  } else {
    eager.push(...dispatch(engine, run, applied, request.identity));
    const unseen = flushBuffered(engine, run);
    if (unseen || request.forceCreateNewWorkflowTask) {
      if (request.returnNewWorkflowTask) nextTask = takeNext(engine, run, request.identity, connection);
      else scheduleWorkflowTask(engine, run);
    } else rerouteQueries(engine, run);
    closeIfHistoryFull(engine, run);
  }
  return () => ({
    message: { activityTasks: eager.map((build) => build()) },
    nextTask: nextTask?.(),
  });
}

/** Activities the worker asked to get at once need no poll; the others are offered. */
function dispatch(engine: Engine, run: Run, applied: Applied, identity: string): (() => ActivityReply)[] {
  const eager: (() => ActivityReply)[] = [];
  for (const { activity, eager: wanted } of applied.scheduled) {
    if (activity.state !== 'scheduled') continue;
    const reply = wanted ? startActivity(engine, run, activity, identity) : undefined;
    if (reply) eager.push(reply);
    else offerActivity(engine, run, activity);
  }
  return eager;
}

/** The worker is right there: it gets the next task in the answer, without another poll. */
function takeNext(engine: Engine, run: Run, identity: string, connection: string) {
  const task = prepareWorkflowTask(engine, run);
  return task && startWorkflowTask(engine, run, task, { identity, connection });
}

export function respondTaskFailed(engine: Engine, request: FailedRequest): void {
  const [run, task] = findTask(engine, request.taskToken);
  failWorkflowTask(engine, run, task, {
    cause: request.cause,
    failure: request.failure,
    identity: request.identity,
  });
  closeIfHistoryFull(engine, run);
}
