import type { Engine } from './engine.js';
import { appendNow } from './history.js';
import { isOpen, type BufferedEvent, type Run } from './run.js';
import { scheduleWorkflowTask } from './workflow-task.js';

export const isBusy = (run: Run): boolean => run.applying || run.workflowTask?.state === 'started';

/** A fact from outside reaches a run: written at once, or held back while a worker decides. */
export function deliver(engine: Engine, run: Run, fact: BufferedEvent): void {
  if (!isOpen(run)) return;
  if (isBusy(run)) {
    run.buffered.push(fact);
    engine.store.touch(run);
    return;
  }
  appendNow(engine, run, fact);
  scheduleWorkflowTask(engine, run);
}
