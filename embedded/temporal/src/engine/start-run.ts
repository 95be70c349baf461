import { alreadyStarted } from '../protocol/errors.js';
import { WorkflowStatus, enums, type temporal } from '../protocol/messages.js';
import { terminateRun } from './close-run.js';
import { checkRoom, createRun, type RunSpec } from './create-run.js';
import type { Engine } from './engine.js';
import { findRun } from './find-run.js';
import { signalRun, type Signal } from './outside.js';
import { isOpen, type Run } from './run.js';
import { scheduleWorkflowTask } from './workflow-task.js';

type Reuse = temporal.api.enums.v1.WorkflowIdReusePolicy;
type Conflict = temporal.api.enums.v1.WorkflowIdConflictPolicy;

export interface StartRequest {
  readonly spec: RunSpec;
  /** What to do if the last run of this workflow id is closed. */
  readonly reuse: Reuse;
  /** What to do if it is open. */
  readonly conflict: Conflict;
}

export interface Started {
  readonly run: Run;
  readonly started: boolean;
}

const { WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE } =
  enums.WorkflowIdReusePolicy;
const { WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING, WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING } =
  enums.WorkflowIdConflictPolicy;

/** An older name for a conflict policy: terminate what runs. */
const TERMINATE_IF_RUNNING = enums.WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING;

export function startRun(engine: Engine, request: StartRequest): Started {
  const { namespace, workflowId, requestId } = request.spec;
  const last = findRun(engine, namespace, workflowId);
  if (last && requestId && last.birth.requestId === requestId) return { run: last, started: true };
  if (last && isOpen(last)) {
    if (request.conflict === WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING) return { run: last, started: false };
    replace(engine, last, request);
  } else followClosed(engine, last, request);
  const run = createRun(engine, request.spec);
  scheduleWorkflowTask(engine, run);
  return { run, started: true };
}

const terminatesExisting = ({ conflict, reuse }: StartRequest): boolean =>
  conflict === WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING || reuse === TERMINATE_IF_RUNNING;

function replace(engine: Engine, open: Run, request: StartRequest): void {
  if (!terminatesExisting(request)) throw duplicate(open, 'running', request.spec.requestId);
  // Room first: a start that is refused must leave the open run alone.
  checkRoom(engine, 1);
  terminateRun(engine, open, 'TerminateIfRunning WorkflowIdConflictPolicy', 'embedded-node');
}

function followClosed(engine: Engine, closed: Run | undefined, request: StartRequest): void {
  if (closed) refuseReuse(closed, request);
  checkRoom(engine);
}

function refuseReuse(closed: Run, { reuse, spec }: StartRequest): void {
  const failedOnly = reuse === WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY;
  const succeeded = closed.status === WorkflowStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED;
  if (reuse === WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE || (failedOnly && succeeded)) {
    throw duplicate(closed, 'finished', spec.requestId);
  }
}

const duplicate = (run: Run, how: 'running' | 'finished', requestId: string) =>
  alreadyStarted(
    `Workflow execution already ${how}. WorkflowId: ${run.birth.workflowId}, RunId: ${run.birth.runId}.`,
    requestId,
    run.birth.runId,
  );

/** Signals what runs, or starts it with the signal as its first news. */
export function signalWithStart(engine: Engine, request: StartRequest, signal: Signal): Started {
  const { namespace, workflowId } = request.spec;
  const open = engine.open.current(namespace, workflowId);
  if (open && isOpen(open) && !terminatesExisting(request)) {
    signalRun(engine, open, signal);
    return { run: open, started: false };
  }
  const last = open ?? findRun(engine, namespace, workflowId);
  if (last && last.birth.requestId === request.spec.requestId && request.spec.requestId) {
    return { run: last, started: true };
  }
  if (last && isOpen(last)) replace(engine, last, request);
  else followClosed(engine, last, request);
  const run = createRun(engine, request.spec);
  // Both or neither: the signal stands in the history before the first task.
  signalRun(engine, run, signal);
  scheduleWorkflowTask(engine, run);
  return { run, started: true };
}
