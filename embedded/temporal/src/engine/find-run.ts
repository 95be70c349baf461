import { notFound } from '../protocol/errors.js';
import type { Engine } from './engine.js';
import { isOpen, type Run } from './run.js';

/** The newest run of a workflow, or the one named; open or closed. */
export function findRun(engine: Engine, namespace: string, workflowId: string, runId = ''): Run | undefined {
  if (!runId) return engine.open.current(namespace, workflowId) ?? engine.store.loadLatest(namespace, workflowId);
  const run = engine.open.byRunId(runId) ?? engine.store.loadByRunId(runId);
  return run?.birth.namespace === namespace && run.birth.workflowId === workflowId ? run : undefined;
}

export function mustFindRun(engine: Engine, namespace: string, workflowId: string, runId = ''): Run {
  const run = findRun(engine, namespace, workflowId, runId);
  if (!run) throw notFound(`workflow not found for ID: ${workflowId}`);
  return run;
}

export function mustFindOpen(engine: Engine, namespace: string, workflowId: string, runId = ''): Run {
  const run = mustFindRun(engine, namespace, workflowId, runId);
  if (!isOpen(run)) throw notFound('workflow execution already completed');
  return run;
}
