import { createHash } from 'node:crypto';
import { terminateRun } from '../engine/close-run.js';
import type { RunSpec } from '../engine/create-run.js';
import { mustFindOpen, mustFindRun } from '../engine/find-run.js';
import { requestCancel, signalRun, type Signal } from '../engine/outside.js';
import { askQuery } from '../engine/query.js';
import { readRetryPolicy } from '../engine/retry-policy.js';
import { isOpen, type Run } from '../engine/run.js';
import { signalWithStart, startRun, type Started } from '../engine/start-run.js';
import { invalidArgument, notFound } from '../protocol/errors.js';
import { api, enums, ownCopy, type Message, type temporal } from '../protocol/messages.js';
import type { Caller, Handlers } from '../protocol/server.js';
import { checkDuration, checkHeader, checkLength, checkMemo, checkPayloads, checkStart, checkText } from './checks.js';
import { checkNamespace, patienceMs, type Node } from './context.js';
import { describeRun } from './describe.js';

type Start =
  | temporal.api.workflowservice.v1.StartWorkflowExecutionRequest
  | temporal.api.workflowservice.v1.SignalWithStartWorkflowExecutionRequest;

const { WorkflowQuery } = api.query.v1;

const DEFAULT_TASK_TIMEOUT_MS = 10_000;
const LONGEST_TASK_TIMEOUT_MS = 120_000;
const LONGEST_QUERY_MS = 60_000;

function specOf({ engine }: Node, request: Start): RunSpec {
  checkStart(engine, request);
  const executionTimeoutMs = checkDuration('WorkflowExecutionTimeout', request.workflowExecutionTimeout);
  const runTimeoutMs = checkDuration('WorkflowRunTimeout', request.workflowRunTimeout);
  const taskTimeoutMs = checkDuration('WorkflowTaskTimeout', request.workflowTaskTimeout);
  const delayMs = checkDuration('WorkflowStartDelay', request.workflowStartDelay);
  return {
    namespace: request.namespace,
    workflowId: request.workflowId,
    workflowType: request.workflowType?.name ?? '',
    taskQueue: request.taskQueue?.name ?? '',
    input: request.input,
    header: request.header,
    memo: checkMemo(engine, request.memo),
    searchAttributes: engine.searchAttributeTypes.typed(
      request.searchAttributes?.indexedFields,
      engine.limits.searchAttributesBytes,
    ),
    userMetadata: request.userMetadata,
    identity: checkLength(engine, 'Identity', request.identity),
    requestId: request.requestId,
    // A run cannot outlast its chain.
    runTimeoutMs: executionTimeoutMs ? Math.min(runTimeoutMs || executionTimeoutMs, executionTimeoutMs) : runTimeoutMs,
    executionTimeoutMs,
    taskTimeoutMs: Math.min(taskTimeoutMs || DEFAULT_TASK_TIMEOUT_MS, LONGEST_TASK_TIMEOUT_MS),
    retryPolicy: request.retryPolicy ? readRetryPolicy(request.retryPolicy) : undefined,
    attempt: 1,
    delayMs,
  };
}

const startRequest = (node: Node, request: Start) => ({
  spec: specOf(node, request),
  reuse: request.workflowIdReusePolicy,
  conflict: request.workflowIdConflictPolicy,
});

const startReply = ({ run, started }: Started) => ({
  runId: run.birth.runId,
  firstExecutionRunId: run.birth.firstRunId,
  started,
  status: run.status,
});

interface Target {
  readonly namespace: string;
  readonly workflowExecution?: temporal.api.common.v1.IWorkflowExecution | null;
  readonly firstExecutionRunId?: string;
}

function targetOf(node: Node, request: Target): Run {
  const { engine } = node;
  const namespace = checkNamespace(node, request.namespace);
  const workflowId = checkText(engine, 'WorkflowId', request.workflowExecution?.workflowId);
  const run = mustFindOpen(engine, namespace, workflowId, request.workflowExecution?.runId ?? '');
  const chain = request.firstExecutionRunId;
  if (chain && run.birth.firstRunId !== chain)
    throw notFound('workflow not found for the given first execution run id');
  return run;
}

/** A repeated call with the same request id must be recognised, but the id itself may be long. */
const shortId = (requestId: string): string =>
  requestId.length <= 64 ? requestId : createHash('sha256').update(requestId).digest('hex');

function signalOf(
  node: Node,
  name: string,
  input: Signal['input'],
  request: { header?: Signal['header']; identity: string; requestId: string },
): Signal {
  const { engine } = node;
  checkText(engine, 'SignalName', name);
  checkPayloads(engine, 'Signal input', input);
  checkHeader(engine, request.header);
  const identity = checkLength(engine, 'Identity', request.identity);
  return { name, input, header: request.header, identity, requestId: shortId(request.requestId) };
}

type QueryReply = temporal.api.workflowservice.v1.IQueryWorkflowResponse;

function query(
  node: Node,
  request: temporal.api.workflowservice.v1.QueryWorkflowRequest,
  caller: Caller,
): QueryReply | Promise<QueryReply> {
  const { engine } = node;
  const workflowId = checkText(engine, 'WorkflowId', request.execution?.workflowId);
  const run = mustFindRun(engine, checkNamespace(node, request.namespace), workflowId, request.execution?.runId ?? '');
  if (!request.query?.queryType) throw invalidArgument('QueryType is not set on request.');
  checkLength(engine, 'QueryType', request.query.queryType);
  checkPayloads(engine, 'Query arguments', request.query.queryArgs);
  checkHeader(engine, request.query.header);
  const { QUERY_REJECT_CONDITION_NOT_OPEN, QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY } = enums.QueryRejectCondition;
  const clean = run.status === enums.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED;
  const condition = request.queryRejectCondition;
  const rejected =
    condition === QUERY_REJECT_CONDITION_NOT_OPEN ||
    (condition === QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY && !clean);
  // It may wait for a worker for a minute; the request it came in does not.
  const own = WorkflowQuery.decode(ownCopy(WorkflowQuery.encode(request.query).finish()));
  if (!isOpen(run) && rejected) return { queryRejected: { status: run.status } };
  const answer = askQuery(engine, run, own, patienceMs(caller.deadlineMs, LONGEST_QUERY_MS));
  return answer.then((queryResult) => ({ queryResult }));
}

export const workflowHandlers = (node: Node): Handlers => ({
  StartWorkflowExecution: (request: Message<'StartWorkflowExecutionRequest'>) => {
    checkNamespace(node, request.namespace);
    return startReply(startRun(node.engine, startRequest(node, request)));
  },
  SignalWithStartWorkflowExecution: (request: Message<'SignalWithStartWorkflowExecutionRequest'>) => {
    checkNamespace(node, request.namespace);
    const signal = signalOf(node, request.signalName, request.signalInput, {
      header: request.header ?? null,
      identity: request.identity,
      requestId: request.requestId,
    });
    const { run, started } = signalWithStart(node.engine, startRequest(node, request), signal);
    return { runId: run.birth.runId, started };
  },
  SignalWorkflowExecution: (request: Message<'SignalWorkflowExecutionRequest'>) => {
    const signal = signalOf(node, request.signalName, request.input, {
      header: request.header ?? null,
      identity: request.identity,
      requestId: request.requestId,
    });
    signalRun(node.engine, targetOf(node, request), signal);
    return {};
  },
  RequestCancelWorkflowExecution: (request: Message<'RequestCancelWorkflowExecutionRequest'>) => {
    requestCancel(
      node.engine,
      targetOf(node, request),
      checkLength(node.engine, 'Reason', request.reason),
      checkLength(node.engine, 'Identity', request.identity),
    );
    return {};
  },
  TerminateWorkflowExecution: (request: Message<'TerminateWorkflowExecutionRequest'>) => {
    checkPayloads(node.engine, 'Details', request.details);
    const reason = checkLength(node.engine, 'Reason', request.reason);
    const identity = checkLength(node.engine, 'Identity', request.identity);
    terminateRun(node.engine, targetOf(node, request), reason, identity, request.details ?? null);
    return {};
  },
  QueryWorkflow: (request: Message<'QueryWorkflowRequest'>, caller) => query(node, request, caller),
  DescribeWorkflowExecution: (request: Message<'DescribeWorkflowExecutionRequest'>) => {
    const workflowId = checkText(node.engine, 'WorkflowId', request.execution?.workflowId);
    const namespace = checkNamespace(node, request.namespace);
    const run = mustFindRun(node.engine, namespace, workflowId, request.execution?.runId ?? '');
    return () => describeRun(node.engine, run);
  },
});
