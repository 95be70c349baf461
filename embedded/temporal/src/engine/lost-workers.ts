import type { Task } from '../matching/task-queue.js';
import type { Engine } from './engine.js';
import { leaveStickyQueue, timeOutStarted } from './workflow-task.js';

interface WaitingPolls {
  endConnection(connection: string): void;
}

/**
 * A worker's connection broke: it was killed, or it froze and stopped answering pings. The workflow tasks it holds
 * would time out in ten seconds; they are taken back now. Its activities keep their own time-outs, as they may have
 * had effects already. Its polls end first: they are the oldest in their queues and would get the same tasks again.
 */
export function connectionLost(engine: Engine, polls: WaitingPolls, connection: string): void {
  polls.endConnection(connection);
  for (const run of engine.open.heldBy(connection)) {
    const task = run.workflowTask;
    if (task?.state === 'started' && task.connection === connection) timeOutStarted(engine, run, task);
  }
}

/** The one process that served this sticky queue is gone or going: its tasks and queries go to everybody's queue. */
export function stickyQueueLost(engine: Engine, namespace: string, queueName: string): void {
  const queue = engine.matching.queue(namespace, 'workflow', queueName);
  const left = queue.abandon();
  for (const run of engine.open.all()) {
    if (run.sticky?.queue !== queueName || run.birth.namespace !== namespace) continue;
    const task = run.workflowTask;
    if (task?.state === 'scheduled' && task.sticky) leaveStickyQueue(engine, run, task);
    else run.sticky = undefined;
  }
  for (const task of left) reroute(task);
}

const reroute = (task: Task & { reroute?: () => void }): void => task.reroute?.();
