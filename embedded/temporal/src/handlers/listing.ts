import type { ListedRow } from '../store/visibility.js';
import { statusName } from '../store/list-filter.js';
import { readFields } from '../store/snapshot.js';
import type { Birth } from '../engine/run.js';
import { invalidArgument } from '../protocol/errors.js';
import { int64, type temporal } from '../protocol/messages.js';
import type { Handlers } from '../protocol/server.js';
import { toDurationOrZero, toTimestamp } from '../protocol/time.js';
import { readListPageToken, writePageToken } from '../protocol/tokens.js';
import { checkNamespace, type Node } from './context.js';

type ListRequest = temporal.api.workflowservice.v1.ListWorkflowExecutionsRequest;
type CountRequest = temporal.api.workflowservice.v1.CountWorkflowExecutionsRequest;

const time = (ms: number | null) => (ms ? (toTimestamp(ms) ?? null) : null);

function infoOf(row: ListedRow): temporal.api.workflow.v1.IWorkflowExecutionInfo {
  const birth = JSON.parse(row.birth) as Birth;
  const execution = { workflowId: row.workflow_id, runId: row.run_id };
  return {
    execution,
    type: { name: row.workflow_type },
    startTime: time(row.start_ms),
    executionTime: time(row.execution_ms),
    closeTime: time(row.close_ms),
    status: row.status,
    historyLength: int64(row.history_length),
    historySizeBytes: int64(row.history_bytes),
    memo: { fields: readFields(row.memo) },
    searchAttributes: { indexedFields: readFields(row.search_attributes) },
    taskQueue: row.task_queue,
    firstRunId: birth.firstRunId,
    rootExecution: execution,
    executionDuration: row.close_ms ? toDurationOrZero(row.close_ms - row.start_ms) : null,
    stateTransitionCount: int64(row.history_length),
  };
}

function list(node: Node, request: ListRequest): temporal.api.workflowservice.v1.IListWorkflowExecutionsResponse {
  const { listPage } = node.engine.limits;
  const namespace = checkNamespace(node, request.namespace);
  const most = Math.min(request.pageSize > 0 ? request.pageSize : listPage, listPage);
  const after = request.nextPageToken.length ? readListPageToken(request.nextPageToken) : undefined;
  const rows = node.visibility.list(namespace, checkQuery(node, request.query), most, after);
  const last = rows.length === most ? rows.at(-1) : undefined;
  const executions = rows.map(infoOf);
  if (!last) return { executions };
  const token = { orderMs: last.order_ms, startMs: last.start_ms, row: last.row };
  return { executions, nextPageToken: writePageToken(token) };
}

const keyword = (text: string) => ({
  metadata: { encoding: Buffer.from('json/plain'), type: Buffer.from('Keyword') },
  data: Buffer.from(JSON.stringify(text)),
});

function count(node: Node, request: CountRequest): temporal.api.workflowservice.v1.ICountWorkflowExecutionsResponse {
  const namespace = checkNamespace(node, request.namespace);
  const { total, byStatus } = node.visibility.count(namespace, checkQuery(node, request.query));
  const groups = [...(byStatus ?? [])].map(([status, n]) => ({
    groupValues: [keyword(statusName(status))],
    count: int64(n),
  }));
  return { count: int64(total), groups };
}

function checkQuery(node: Node, query: string): string {
  if (query.length > node.engine.limits.queryChars) throw invalidArgument('query is too long');
  return query;
}

export const listingHandlers = (node: Node): Handlers => ({
  ListWorkflowExecutions: (request: ListRequest) => list(node, request),
  CountWorkflowExecutions: (request: CountRequest) => count(node, request),
});
