import { findRun, mustFindRun } from '../engine/find-run.js';
import { readPage, readPageBackwards } from '../engine/history-page.js';
import { isOpen, type Run } from '../engine/run.js';
import { notFound, resourceExhausted } from '../protocol/errors.js';
import { enums, type temporal } from '../protocol/messages.js';
import type { HistoryReply } from '../protocol/replies.js';
import type { Caller, Handlers } from '../protocol/server.js';
import { readHistoryPageToken, writePageToken, type HistoryPageToken } from '../protocol/tokens.js';
import { checkText } from './checks.js';
import { checkNamespace, patienceMs, type Node } from './context.js';

type Request = temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
type ReverseRequest = temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryReverseRequest;

const LONGEST_WAIT_MS = 20_000;
const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = enums.HistoryEventFilterType;

function runOf(node: Node, request: Request | ReverseRequest, token: HistoryPageToken | undefined): Run {
  const namespace = checkNamespace(node, request.namespace);
  const workflowId = checkText(node.engine, 'WorkflowId', request.execution?.workflowId);
  if (!token) return mustFindRun(node.engine, namespace, workflowId, request.execution?.runId ?? '');
  const run = findRun(node.engine, namespace, workflowId, token.runId);
  if (!run) throw notFound(`workflow not found for ID: ${workflowId}`);
  return run;
}

/** Zero for "as many as fit", which is also what a negative one is taken for. */
const pageSizeOf = ({ maximumPageSize }: Request | ReverseRequest): number => Math.max(0, maximumPageSize);

/** What is asked for, without the request: it may wait. */
interface Wish {
  readonly from: number;
  readonly mostEvents: number;
  readonly closeEventOnly: boolean;
  readonly waits: boolean;
}

/** Each holds a stream and a timer for as long as nothing happens. */
class WaitingReaders {
  #count = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  async admit(wait: () => Promise<void>): Promise<void> {
    if (this.#count >= this.#most) throw resourceExhausted('too many readers are waiting');
    this.#count++;
    await wait().finally(() => this.#count--);
  }
}

/** Waits until the condition holds, something new is no longer awaited, or time is up. */
async function waitFor(run: Run, caller: Caller, holds: () => boolean): Promise<void> {
  const endMs = Date.now() + patienceMs(caller.deadlineMs, LONGEST_WAIT_MS);
  let gone = false;
  let wakeUp: () => void = () => undefined;
  caller.onCancel(() => {
    gone = true;
    wakeUp();
  });
  while (!holds() && !gone && Date.now() < endMs) {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        run.watchers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, endMs - Date.now());
      wakeUp = wake;
      run.watchers.add(wake);
    });
  }
}

function history(
  node: Node,
  readers: WaitingReaders,
  request: Request,
  caller: Caller,
): (() => HistoryReply) | Promise<() => HistoryReply> {
  const token = request.nextPageToken.length ? readHistoryPageToken(request.nextPageToken) : undefined;
  const run = runOf(node, request, token);
  if (token?.virtual) return () => taskPage(node, run, token, token.virtual ?? []);
  const wish: Wish = {
    from: token?.nextEventId ?? 1,
    mostEvents: pageSizeOf(request),
    closeEventOnly: request.historyEventFilterType === HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    waits: request.waitNewEvent,
  };
  const reply = () => (wish.closeEventOnly ? closeEvent(node, run, wish.waits) : page(node, run, wish));
  if (!wish.waits) return reply;
  const holds = (): boolean => !isOpen(run) || (!wish.closeEventOnly && run.nextEventId > wish.from);
  if (holds()) return reply;
  return readers.admit(() => waitFor(run, caller, holds)).then(() => reply);
}

function page(node: Node, run: Run, { from, mostEvents, waits }: Wish): HistoryReply {
  const { frames, nextEventId } = readPage(node.engine, run, from, run.nextEventId - 1, mostEvents);
  const more = nextEventId ?? (waits && isOpen(run) ? from + frames.length : undefined);
  return {
    message: more ? { nextPageToken: writePageToken({ runId: run.birth.runId, nextEventId: more }) } : {},
    frames,
  };
}

/** The last event: of a closed run, how it ended. */
function closeEvent(node: Node, run: Run, waiting: boolean): HistoryReply {
  const last = run.nextEventId - 1;
  if (isOpen(run) && waiting) {
    return { message: { nextPageToken: writePageToken({ runId: run.birth.runId, nextEventId: last }) }, frames: [] };
  }
  return { message: {}, frames: readPage(node.engine, run, last, last, 1).frames };
}

/** The rest of the history of a workflow task whose first page came with the task. */
function taskPage(node: Node, run: Run, token: HistoryPageToken, virtual: readonly string[]): HistoryReply {
  const last = Math.min(token.lastEventId ?? run.nextEventId - 1, run.nextEventId - 1);
  const { frames, nextEventId } = readPage(node.engine, run, token.nextEventId, last, 0);
  if (nextEventId !== undefined)
    return { message: { nextPageToken: writePageToken({ ...token, nextEventId }) }, frames };
  return { message: {}, frames: [...frames, ...virtual.map((frame) => Buffer.from(frame, 'base64'))] };
}

/** Newest first, for tools; pages like the other one. */
function reversed(node: Node, request: ReverseRequest): () => HistoryReply {
  const token = request.nextPageToken.length ? readHistoryPageToken(request.nextPageToken) : undefined;
  const run = runOf(node, request, token);
  const mostEvents = pageSizeOf(request);
  return () => {
    const newest = Math.min(token?.nextEventId ?? run.nextEventId - 1, run.nextEventId - 1);
    const { frames, nextEventId } = readPageBackwards(node.engine, run, newest, mostEvents);
    return {
      message: nextEventId ? { nextPageToken: writePageToken({ runId: run.birth.runId, nextEventId }) } : {},
      frames,
    };
  };
}

export const historyHandlers = (node: Node): Handlers => {
  const readers = new WaitingReaders(node.engine.limits.waitingReaders);
  return {
    GetWorkflowExecutionHistory: (request: Request, caller) => history(node, readers, request, caller),
    GetWorkflowExecutionHistoryReverse: (request: ReverseRequest) => reversed(node, request),
  };
};
