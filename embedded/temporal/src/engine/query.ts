import { randomUUID } from 'node:crypto';
import type { Limits } from '../limits.js';
import { deadlineExceeded, invalidArgument, queryFailed, resourceExhausted } from '../protocol/errors.js';
import { api, encodedBytes, enums, type Payloads, type temporal } from '../protocol/messages.js';
import type { Engine } from './engine.js';
import { isOpen, type PendingQuery, type Run } from './run.js';
import { FAILING_ATTEMPT, cannotAnswer, scheduleWorkflowTask } from './workflow-task.js';
import { queryReply } from './workflow-task-reply.js';

type Query = temporal.api.query.v1.IWorkflowQuery;
type Answer = temporal.api.query.v1.IWorkflowQueryResult;

export function askQuery(engine: Engine, run: Run, query: Query, patienceMs: number): Promise<Payloads> {
  if (isOpen(run) && run.workflowTaskAttempt >= FAILING_ATTEMPT) throw cannotAnswer();
  if (run.queries.length >= engine.limits.queriesPerRun || engine.queries.size >= engine.limits.waitingPolls) {
    throw resourceExhausted('too many queries are waiting');
  }
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => {
      forget(engine, run, pending);
      reject(deadlineExceeded('query timed out: no worker answered'));
    }, patienceMs);
    giveUp.unref();
    const pending: PendingQuery = {
      id: randomUUID(),
      query,
      resolve: (answer) => {
        clearTimeout(giveUp);
        resolve(answer ?? {});
      },
      reject: (error) => {
        clearTimeout(giveUp);
        reject(error);
      },
    };
    route(engine, run, pending);
  });
}

/** The run has news that its workflow must see first. */
const isBehind = (run: Run): boolean => isOpen(run) && (run.workflowTask !== undefined || run.previousStartedId === 0);

/** A query of a run with news rides on the next task. Else it goes on its own. */
function route(engine: Engine, run: Run, query: PendingQuery): void {
  if (!isBehind(run)) return offerQuery(engine, run, query);
  run.queries.push(query);
  scheduleWorkflowTask(engine, run);
}

export function rerouteQueries(engine: Engine, run: Run): void {
  const waiting = run.queries;
  run.queries = [];
  for (const query of waiting) offerQuery(engine, run, query);
}

function offerQuery(engine: Engine, run: Run, query: PendingQuery): void {
  const { namespace, taskQueue } = run.birth;
  const stickyQueue = isOpen(run) ? run.sticky?.queue : undefined;
  const sticky = stickyQueue !== undefined && engine.matching.isServed(namespace, 'workflow', stickyQueue);
  const queue = engine.matching.queue(namespace, 'workflow', sticky ? stickyQueue : taskQueue);
  const task = {
    start: () => {
      delete query.queued;
      // There was news while it waited. A worker would replay it as part of the history, and keep a workflow that has
      // decided something nobody asked it to decide.
      if (isBehind(run)) return leaveToTask(engine, run, query);
      return queryReply(engine, run, query, sticky);
    },
    // A query that was meant for a worker that is gone goes to any other one.
    reroute: () => offerQuery(engine, run, query),
  };
  engine.queries.set(query.id, query);
  query.queued = { queue, task };
  queue.add(task);
}

function leaveToTask(engine: Engine, run: Run, query: PendingQuery): undefined {
  engine.queries.delete(query.id);
  run.queries.push(query);
}

function forget(engine: Engine, run: Run, query: PendingQuery): void {
  run.queries = run.queries.filter((other) => other !== query);
  engine.queries.delete(query.id);
  query.queued?.queue.withdraw(query.queued.task);
}

/** Answers that came with a workflow task's completion. */
export function answerQueries({ limits }: Engine, run: Run, answers: Readonly<Record<string, Answer>>): void {
  run.queries = run.queries.filter((query) => {
    const answer = Object.hasOwn(answers, query.id) ? answers[query.id] : undefined;
    if (answer) settle(limits, query, answer.resultType === enums.QueryResultType.QUERY_RESULT_TYPE_ANSWERED, answer);
    return !answer;
  });
}

interface DirectAnswer {
  readonly answered: boolean;
  readonly answer: Payloads | null | undefined;
  readonly errorMessage: string;
  readonly failure: Answer['failure'];
}

/** False if nobody waits for this answer any more. */
export function answerDirect(engine: Engine, queryId: string, answer: DirectAnswer): boolean {
  const query = engine.queries.get(queryId);
  if (!query) return false;
  engine.queries.delete(queryId);
  settle(engine.limits, query, answer.answered, answer);
  return true;
}

type Said = { [K in 'answer' | 'errorMessage' | 'failure']?: Answer[K] | undefined };

/** Only the question suffers from an answer that is too large: the task it came with stands. */
function settle(limits: Limits, query: PendingQuery, answered: boolean, answer: Said): void {
  const bytes =
    encodedBytes(api.common.v1.Payloads, answer.answer) +
    encodedBytes(api.failure.v1.Failure, answer.failure) +
    Buffer.byteLength(answer.errorMessage ?? '');
  if (bytes > limits.blobBytes) {
    query.reject(invalidArgument(`query result exceeds size limit (${bytes}/${limits.blobBytes} bytes)`));
  } else if (answered) query.resolve(answer.answer);
  else query.reject(queryFailed(answer.errorMessage ?? '', answer.failure));
}
