import { retryActivity, timeOutActivity } from './activity.js';
import { closeIfHistoryFull, timeOutRun } from './close-run.js';
import { endDelay } from './create-run.js';
import type { Due } from './due.js';
import type { Engine } from './engine.js';
import type { Run } from './run.js';
import { fireTimer } from './timer.js';
import { backOffOver, leaveStickyQueue, scheduleWorkflowTask, timeOutStarted } from './workflow-task.js';

/** Brings what is due to the machine it belongs to. What has been overtaken meanwhile is dropped silently. */
export function fireDue(engine: Engine, due: Due): void {
  const run = engine.open.byRunId(due.runId);
  if (!run) return;
  switch (due.kind) {
    case 'timer':
      return fireRunTimer(engine, run, due.timerId);
    case 'activity-retry': {
      const activity = run.activities.get(due.scheduledId);
      return activity?.state === 'backing-off' ? retryActivity(engine, run, activity) : undefined;
    }
    case 'activity-timeout': {
      const activity = run.activities.get(due.scheduledId);
      return activity ? timeOutActivity(engine, run, activity, due.timeout) : undefined;
    }
    case 'workflow-task-timeout':
      return timeOutTask(engine, run, due.sequence);
    case 'workflow-task-retry': {
      const task = run.workflowTask;
      if (task?.sequence === due.sequence && task.state === 'backing-off') backOffOver(engine, run, task);
      return;
    }
    case 'run-delay-over':
      endDelay(engine, run);
      return scheduleWorkflowTask(engine, run);
    case 'run-timeout':
      return timeOutRun(engine, run);
  }
}

function fireRunTimer(engine: Engine, run: Run, timerId: string): void {
  const timer = run.timers.get(timerId);
  if (timer?.state !== 'running') return;
  fireTimer(engine, run, timer);
  closeIfHistoryFull(engine, run);
}

function timeOutTask(engine: Engine, run: Run, sequence: number): void {
  const task = run.workflowTask;
  if (task?.sequence !== sequence) return;
  if (task.state === 'started') timeOutStarted(engine, run, task);
  else if (task.state === 'scheduled' && task.sticky) leaveStickyQueue(engine, run, task);
}
