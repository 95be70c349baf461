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
  readonly isSticky: boolean;
  readonly #done: (reply: ReplyBuilder | undefined) => void;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  readonly namespace: string;
  readonly queue: TaskQueue;

  constructor(queue: TaskQueue, request: PollRequest, caller: Caller, done: (reply: ReplyBuilder | undefined) => void) {
    this.queue = queue;
    this.namespace = request.namespace;
    this.isSticky = request.taskQueue?.kind === enums.TaskQueueKind.TASK_QUEUE_KIND_STICKY;
    this.identity = request.identity;
    this.instanceKey = request.workerInstanceKey;
    this.connection = caller.connection;
    this.#done = done;
    this.#timer = setTimeout(() => this.giveUp(), patienceMs(caller.deadlineMs, LONGEST_POLL_MS));
  }

  get ended(): boolean {
    return this.#ended;
  }

  deliver(reply: ReplyBuilder): void {
    this.#end(reply);
  }

  /** True if the queue has no other poll waiting now. */
  giveUp(): boolean {
    const wasLast = this.queue.leave(this);
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
  readonly #byConnection = new Map<string, Set<WaitingPoll>>();

  constructor(node: Node) {
    this.#node = node;
  }

  wait(kind: TaskKind, request: PollRequest, caller: Caller): Promise<ReplyBuilder | undefined> {
    const { matching } = this.#node.engine;
    const name = request.taskQueue?.name ?? '';
    const queue = matching.openPoll(request.namespace, kind, name);
    return new Promise((resolve) => {
      const poll = new WaitingPoll(queue, request, caller, (reply) => {
        matching.closePoll();
        this.#forget(poll);
        resolve(reply);
      });
      this.#remember(poll);
      // A caller who has left already is told at once: such a poll must not enter the queue.
      caller.onCancel(() => this.#abandon([poll]));
      if (!poll.ended) queue.poll(poll, Date.now());
    });
  }

  /** Nobody waits for these any more. All leave their queues before any task moves, or it would go to one of them. */
  #abandon(polls: readonly WaitingPoll[]): void {
    const lastOfTheirQueue = polls.filter((poll) => poll.giveUp());
    if (this.#node.isStopping()) return;
    for (const { isSticky, namespace, queue } of lastOfTheirQueue) {
      if (isSticky) stickyQueueLost(this.#node.engine, namespace, queue.name);
    }
  }

  #remember(poll: WaitingPoll): void {
    addTo(this.#byConnection, poll.connection, poll);
    if (poll.instanceKey) addTo(this.#byInstance, poll.instanceKey, poll);
  }

  #forget(poll: WaitingPoll): void {
    removeFrom(this.#byConnection, poll.connection, poll);
    removeFrom(this.#byInstance, poll.instanceKey, poll);
  }

  /** To be told before the tasks of this connection are taken back: its polls would be the first to get them. */
  endConnection(connection: string): void {
    this.#abandon([...(this.#byConnection.get(connection) ?? [])]);
  }

  /** The worker says goodbye: its polls are answered empty, so that no task goes to it any more. */
  endInstance(instanceKey: string): void {
    for (const poll of [...(this.#byInstance.get(instanceKey) ?? [])]) poll.giveUp();
  }
}

function addTo(index: Map<string, Set<WaitingPoll>>, key: string, poll: WaitingPoll): void {
  let polls = index.get(key);
  if (!polls) index.set(key, (polls = new Set()));
  polls.add(poll);
}

function removeFrom(index: Map<string, Set<WaitingPoll>>, key: string, poll: WaitingPoll): void {
  const polls = index.get(key);
  if (polls?.delete(poll) && polls.size === 0) index.delete(key);
}
