import { stickyQueueLost } from '../engine/lost-workers.js';
import type { TaskKind } from '../matching/matching.js';
import type { Poller, ReplyBuilder, TaskQueue } from '../matching/task-queue.js';
import { enums, type temporal } from '../protocol/messages.js';
import type { Caller } from '../protocol/server.js';
import { patienceMs, type Node } from './context.js';

const LONGEST_POLL_MS = 60_000;

interface PollRequest {
  readonly namespace: string;
  readonly taskQueue?: temporal.api.taskqueue.v1.ITaskQueue | null;
  readonly identity: string;
  readonly workerInstanceKey: string;
}

/** One poll that waits: it ends once, with a task or without. */
class WaitingPoll implements Poller {
  readonly identity: string;
  readonly instanceKey: string;
  readonly connection: string;
  readonly #done: (reply: ReplyBuilder | undefined) => void;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  queue: TaskQueue | undefined;

  constructor(request: PollRequest, caller: Caller, done: (reply: ReplyBuilder | undefined) => void) {
    this.identity = request.identity;
    this.instanceKey = request.workerInstanceKey;
    this.connection = caller.connection;
    this.#done = done;
    this.#timer = setTimeout(() => this.giveUp(), patienceMs(caller.deadlineMs, LONGEST_POLL_MS));
  }

  deliver(reply: ReplyBuilder): void {
    this.#end(reply);
  }

  /** True if the queue has no other poll waiting now. */
  giveUp(): boolean {
    const wasLast = this.queue?.leave(this) ?? false;
    this.#end(undefined);
    return wasLast;
  }

  #end(reply: ReplyBuilder | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#done(reply);
  }
}

/** The long polls of all workers. Each ends with a task, with nothing after a minute, or with its caller. */
export class Polls {
  readonly #node: Node;
  readonly #byInstance = new Map<string, Set<WaitingPoll>>();

  constructor(node: Node) {
    this.#node = node;
  }

  wait(kind: TaskKind, request: PollRequest, caller: Caller): Promise<ReplyBuilder | undefined> {
    const { matching } = this.#node.engine;
    const name = request.taskQueue?.name ?? '';
    const queue = matching.openPoll(request.namespace, kind, name);
    return new Promise((resolve) => {
      const poll = new WaitingPoll(request, caller, (reply) => {
        matching.closePoll();
        this.#forget(poll);
        resolve(reply);
      });
      poll.queue = queue;
      this.#remember(poll);
      caller.onCancel(() => {
        const wasLast = poll.giveUp();
        const isSticky = request.taskQueue?.kind === enums.TaskQueueKind.TASK_QUEUE_KIND_STICKY;
        if (wasLast && isSticky && !this.#node.isStopping())
          stickyQueueLost(this.#node.engine, request.namespace, name);
      });
      queue.poll(poll, Date.now());
    });
  }

  #remember(poll: WaitingPoll): void {
    if (!poll.instanceKey) return;
    let polls = this.#byInstance.get(poll.instanceKey);
    if (!polls) this.#byInstance.set(poll.instanceKey, (polls = new Set()));
    polls.add(poll);
  }

  #forget(poll: WaitingPoll): void {
    const polls = this.#byInstance.get(poll.instanceKey);
    if (polls?.delete(poll) && polls.size === 0) this.#byInstance.delete(poll.instanceKey);
  }

  /** The worker says goodbye: its polls are answered empty, so that no task goes to it any more. */
  endInstance(instanceKey: string): void {
    for (const poll of [...(this.#byInstance.get(instanceKey) ?? [])]) poll.giveUp();
  }
}
