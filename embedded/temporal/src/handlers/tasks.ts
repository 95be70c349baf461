import {
  checkCancelRequested,
  completeActivity,
  failActivity,
  findById,
  findStarted,
  findStartedById,
  heartbeat,
  reportCanceled,
} from '../engine/activity.js';
import type { Activity } from '../engine/activity-state.js';
import { closeIfHistoryFull } from '../engine/close-run.js';
import { completeTask, respondTaskFailed } from '../engine/complete-task.js';
import { mustFindOpen } from '../engine/find-run.js';
import { stickyQueueLost } from '../engine/lost-workers.js';
import { answerDirect } from '../engine/query.js';
import type { Run } from '../engine/run.js';
import { notFound } from '../protocol/errors.js';
import { enums, type Message, type temporal } from '../protocol/messages.js';
import type { Handlers } from '../protocol/server.js';
import { readToken } from '../protocol/tokens.js';
import { checkCompletion, checkFailure, checkLength, checkPayloads, checkText } from './checks.js';
import { checkNamespace, type Node } from './context.js';
import type { Polls } from './polls.js';

interface ById {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

type Find<R> = (request: R) => [Run, Activity];

export function taskHandlers(node: Node, polls: Polls): Handlers {
  return { ...workflowTaskHandlers(node, polls), ...activityTaskHandlers(node, polls), ...activityByIdHandlers(node) };
}

/** Checked, and without the rest of the request: it may wait for a minute, and nothing that waits holds the request. */
function pollOf(node: Node, request: Message<'PollWorkflowTaskQueueRequest' | 'PollActivityTaskQueueRequest'>) {
  const name = checkText(node.engine, 'TaskQueue', request.taskQueue?.name);
  return {
    namespace: request.namespace,
    taskQueue: { name, kind: request.taskQueue?.kind ?? null },
    identity: checkLength(node.engine, 'Identity', request.identity),
    workerInstanceKey: checkLength(node.engine, 'WorkerInstanceKey', request.workerInstanceKey),
  };
}

const workflowTaskHandlers = (node: Node, polls: Polls): Handlers => ({
  PollWorkflowTaskQueue: (request: Message<'PollWorkflowTaskQueueRequest'>, caller) => {
    checkNamespace(node, request.namespace);
    return polls.wait('workflow', pollOf(node, request), caller);
  },
  RespondWorkflowTaskCompleted: (request: Message<'RespondWorkflowTaskCompletedRequest'>, caller) => {
    checkCompletion(node.engine, request);
    return completeTask(node.engine, request, caller.connection);
  },
  RespondWorkflowTaskFailed: (request: Message<'RespondWorkflowTaskFailedRequest'>) => {
    checkLength(node.engine, 'Identity', request.identity);
    checkFailure(node.engine, request.failure);
    respondTaskFailed(node.engine, request);
    return {};
  },
  RespondQueryTaskCompleted: (request: Message<'RespondQueryTaskCompletedRequest'>) => {
    const { queryId } = readToken(request.taskToken, 'query');
    const answered = request.completedType === enums.QueryResultType.QUERY_RESULT_TYPE_ANSWERED;
    const { queryResult: answer, errorMessage, failure } = request;
    if (!answerDirect(node.engine, queryId, { answered, answer, errorMessage, failure })) {
      throw notFound('query task not found');
    }
    return {};
  },
  ResetStickyTaskQueue: (request: Message<'ResetStickyTaskQueueRequest'>) => {
    const namespace = checkNamespace(node, request.namespace);
    const workflowId = checkText(node.engine, 'WorkflowId', request.execution?.workflowId);
    mustFindOpen(node.engine, namespace, workflowId, request.execution?.runId ?? '').sticky = undefined;
    return {};
  },
  ShutdownWorker: (request: Message<'ShutdownWorkerRequest'>) => {
    const namespace = checkNamespace(node, request.namespace);
    const stickyQueue = checkLength(node.engine, 'StickyTaskQueue', request.stickyTaskQueue);
    polls.endInstance(request.workerInstanceKey);
    if (stickyQueue) stickyQueueLost(node.engine, namespace, stickyQueue);
    return {};
  },
});

/** The same five reports exist by task token and by activity id; they differ only in how they find the activity. */
function activityTaskHandlers(node: Node, polls: Polls): Handlers {
  const byToken: Find<{ taskToken: Uint8Array }> = ({ taskToken }) => {
    const { runId, scheduledId, attempt } = readToken(taskToken, 'activity');
    return findStarted(node.engine.open.byRunId(runId), scheduledId, attempt);
  };
  return {
    PollActivityTaskQueue: (request: Message<'PollActivityTaskQueueRequest'>, caller) => {
      checkNamespace(node, request.namespace);
      return polls.wait('activity', pollOf(node, request), caller).then((reply) => reply ?? {});
    },
    RespondActivityTaskCompleted: completed<Message<'RespondActivityTaskCompletedRequest'>>(node, byToken),
    RespondActivityTaskFailed: failed<Message<'RespondActivityTaskFailedRequest'>>(node, byToken),
    RespondActivityTaskCanceled: canceled<Message<'RespondActivityTaskCanceledRequest'>>(node, byToken),
    RecordActivityTaskHeartbeat: beat<Message<'RecordActivityTaskHeartbeatRequest'>>(node, byToken),
  };
}

function activityByIdHandlers(node: Node): Handlers {
  const runOf = (request: ById): Run => {
    const namespace = checkNamespace(node, request.namespace);
    const workflowId = checkText(node.engine, 'WorkflowId', request.workflowId);
    return mustFindOpen(node.engine, namespace, workflowId, request.runId);
  };
  const byId: Find<ById> = (request) => findById(runOf(request), request.activityId);
  const startedById: Find<ById> = (request) => findStartedById(runOf(request), request.activityId);
  return {
    RespondActivityTaskCompletedById: completed<Message<'RespondActivityTaskCompletedByIdRequest'>>(node, byId),
    RespondActivityTaskFailedById: failed<Message<'RespondActivityTaskFailedByIdRequest'>>(node, startedById),
    RespondActivityTaskCanceledById: canceled<Message<'RespondActivityTaskCanceledByIdRequest'>>(node, startedById),
    RecordActivityTaskHeartbeatById: beat<Message<'RecordActivityTaskHeartbeatByIdRequest'>>(node, startedById),
  };
}

type Payloads = temporal.api.common.v1.IPayloads | null | undefined;
type Failure = temporal.api.failure.v1.IFailure | null | undefined;

const completed =
  <R extends { result?: Payloads; identity: string }>(node: Node, find: Find<R>) =>
  (request: R) => {
    checkLength(node.engine, 'Identity', request.identity);
    checkPayloads(node.engine, 'Result', request.result);
    const [run, activity] = find(request);
    completeActivity(node.engine, run, activity, request.result, request.identity);
    closeIfHistoryFull(node.engine, run);
    return {};
  };

const failed =
  <R extends { failure?: Failure; lastHeartbeatDetails?: Payloads; identity: string }>(node: Node, find: Find<R>) =>
  (request: R) => {
    checkFailure(node.engine, request.failure);
    checkLength(node.engine, 'Identity', request.identity);
    checkPayloads(node.engine, 'Heartbeat details', request.lastHeartbeatDetails);
    const [run, activity] = find(request);
    failActivity(node.engine, run, activity, request.failure ?? {}, request.lastHeartbeatDetails, request.identity);
    closeIfHistoryFull(node.engine, run);
    return {};
  };

const canceled =
  <R extends { details?: Payloads; identity: string }>(node: Node, find: Find<R>) =>
  (request: R) => {
    checkLength(node.engine, 'Identity', request.identity);
    checkPayloads(node.engine, 'Details', request.details);
    const [run, activity] = find(request);
    checkCancelRequested(activity);
    reportCanceled(node.engine, run, activity, request.details, request.identity);
    closeIfHistoryFull(node.engine, run);
    return {};
  };

const beat =
  <R extends { details?: Payloads }>(node: Node, find: Find<R>) =>
  (request: R) => {
    checkPayloads(node.engine, 'Details', request.details);
    const [run, activity] = find(request);
    return { cancelRequested: heartbeat(node.engine, run, activity, request.details) };
  };
