import { TaskFailedCause } from '../protocol/messages.js';
import type { Engine } from './engine.js';
import { appendNow } from './history.js';
import { holdBack, isTooMuchHeldBack } from './held-back.js';
import { isOpen, type BufferedEvent, type Run } from './run.js';
import { failWorkflowTask, scheduleWorkflowTask } from './workflow-task.js';

export const isBusy = (run: Run): boolean => run.applying || run.workflowTask?.state === 'started';

/** A fact from outside reaches a run: written at once, or held back while a worker decides. */
export function deliver(engine: Engine, run: Run, fact: BufferedEvent): void {
  if (!isOpen(run)) return;
  if (isBusy(run)) {
    holdBack(run, fact);
    engine.store.touch(run);
    takeBackIfTooMuch(engine, run);
    return;
  }
  appendNow(engine, run, fact);
  scheduleWorkflowTask(engine, run);
}

/** A worker that decides for too long loses its task: what waits must not grow without bound. */
function takeBackIfTooMuch(engine: Engine, run: Run): void {
  const task = run.workflowTask;
  if (task?.state !== 'started' || !isTooMuchHeldBack(engine.limits, run)) return;
  failWorkflowTask(engine, run, task, {
    cause: TaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
    failure: null,
    identity: 'embedded-node',
  });
}
