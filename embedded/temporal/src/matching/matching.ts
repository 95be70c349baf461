import type { Limits } from '../limits.js';
import { resourceExhausted } from '../protocol/errors.js';
import { TaskQueue } from './task-queue.js';

export type TaskKind = 'workflow' | 'activity';

/** All task queues of the node. Real time, not the workflow clock, tells whether a worker is there. */
export class Matching {
  readonly #queues = new Map<string, TaskQueue>();
  readonly #limits: Limits;
  #waitingPolls = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  queue(namespace: string, kind: TaskKind, name: string): TaskQueue {
    const key = `${kind}\n${namespace}\n${name}`;
    let queue = this.#queues.get(key);
    if (!queue) {
      if (this.#queues.size >= this.#limits.taskQueues) this.#sweep();
      queue = new TaskQueue(name);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  isServed(namespace: string, kind: TaskKind, name: string): boolean {
    return this.queue(namespace, kind, name).isServed(Date.now());
  }

  /** Counts the poll in; the caller gives it to the queue and says when it ended. */
  openPoll(namespace: string, kind: TaskKind, name: string): TaskQueue {
    if (this.#waitingPolls >= this.#limits.waitingPolls) throw resourceExhausted('too many polls are waiting');
    if (this.#queues.size > this.#limits.taskQueues) throw resourceExhausted('too many task queues');
    this.#waitingPolls++;
    return this.queue(namespace, kind, name);
  }

  closePoll(): void {
    this.#waitingPolls--;
  }

  /** Names made up by clients must not pile up: empty queues are forgotten. */
  #sweep(): void {
    for (const [key, queue] of this.#queues) {
      if (queue.isIdle && !queue.isServed(Date.now())) this.#queues.delete(key);
    }
  }
}
