import { rearmActivity } from './activity.js';
import { armRun } from './create-run.js';
import type { Engine } from './engine.js';
import type { Run } from './run.js';
import { armTimer } from './timer.js';
import { armBackOff, armStartToClose, offerWorkflowTask } from './workflow-task.js';

/**
 * A restarted node has no connections by which to tell whether a worker is still there. One that is has this long to
 * come back: to answer the task it holds, or to ask for the ones that wait for it alone. Then anybody gets them.
 */
const RETURN_WITHIN_MS = 3000;

/**
 * Takes up every open run where the disk has it: deadlines are set again for the moments they were set for, tasks go
 * back on their queues with the attempts they had. What fell due while the node was down is due now, once.
 */
export function recover(engine: Engine): number {
  let runs = 0;
  for (const run of engine.store.loadOpenRuns()) {
    engine.open.add(run);
    runs++;
  }
  const noLaterMs = engine.clock.nowMs() + RETURN_WITHIN_MS;
  for (const run of engine.open.all()) takeUp(engine, run, noLaterMs);
  return runs;
}

function takeUp(engine: Engine, run: Run, noLaterMs: number): void {
  armRun(engine, run);
  for (const timer of run.timers.values()) if (timer.state === 'running') armTimer(engine, run, timer);
  for (const activity of run.activities.values()) rearmActivity(engine, run, activity);
  const task = run.workflowTask;
  if (task?.state === 'scheduled') offerWorkflowTask(engine, run, task, noLaterMs);
  else if (task?.state === 'backing-off') armBackOff(engine, run, task);
  else if (task?.state === 'started') armStartToClose(engine, run, task, noLaterMs);
}
