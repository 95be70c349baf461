/** Builds the reply for whoever took the task; called after the commit that records the taking. */
export type ReplyBuilder = () => unknown;

export interface Poller {
  readonly identity: string;
  /** Names one worker process across its polls; empty for older workers. */
  readonly instanceKey: string;
  /** The connection the poll came over. When it breaks, its workflow tasks are taken back. */
  readonly connection: string;
  /** Nobody waits for its answer any more. */
  readonly ended: boolean;
  deliver(reply: ReplyBuilder): void;
}

export interface Task {
  /** Undefined when the task is no longer wanted. */
  start(poller: Poller): ReplyBuilder | undefined;
}

/** How long a queue without a waiting poll still counts as served: workers poll again within this time. */
const SERVED_FOR_MS = 10_000;

/** Tasks meet polls, first come first served on both sides; at most one side waits at any moment. */
export class TaskQueue {
  readonly name: string;
  readonly #pollers = new Set<Poller>();
  readonly #tasks = new Set<Task>();
  #lastPollMs = 0;
  #abandoned = false;

  constructor(name: string) {
    this.name = name;
  }

  get waitingTasks(): number {
    return this.#tasks.size;
  }

  get pollers(): Iterable<Poller> {
    return this.#pollers;
  }

  get isIdle(): boolean {
    return this.#pollers.size === 0 && this.#tasks.size === 0;
  }

  isServed(nowMs: number): boolean {
    return this.#pollers.size > 0 || (!this.#abandoned && nowMs - this.#lastPollMs < SERVED_FOR_MS);
  }

  add(task: Task): void {
    for (const poller of this.#pollers) {
      if (poller.ended) {
        this.#pollers.delete(poller);
        continue;
      }
      const reply = task.start(poller);
      if (!reply) return;
      this.#pollers.delete(poller);
      poller.deliver(reply);
      return;
    }
    this.#tasks.add(task);
  }

  poll(poller: Poller, nowMs: number): void {
    if (poller.ended) return;
    this.#lastPollMs = nowMs;
    this.#abandoned = false;
    for (const task of this.#tasks) {
      this.#tasks.delete(task);
      const reply = task.start(poller);
      if (reply) return poller.deliver(reply);
    }
    this.#pollers.add(poller);
  }

  withdraw(task: Task): void {
    this.#tasks.delete(task);
  }

  /** True if this poll was the last one waiting. */
  leave(poller: Poller): boolean {
    return this.#pollers.delete(poller) && this.#pollers.size === 0;
  }

  /** Nobody will come back for this queue: its name belongs to a process that is gone. */
  abandon(): Task[] {
    this.#abandoned = true;
    const tasks = [...this.#tasks];
    this.#tasks.clear();
    return tasks;
  }
}
