import {
  ActivityNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { toPayloads, defaultPayloadConverter } from '@temporalio/common';
import { WITH_START, hasLocals, retriesOf, taskTimeoutMs, wordsOf, type Outcome, type Plan } from './soak-plan.js';
import type { Progress } from './soak-workflows.js';
import { pause } from './target.js';

/** By then most such runs are at their last wait; whatever they are at, they end. */
const RUN_TIMEOUT_MS = 15_000;
const QUERY_PATIENCE_MS = 5000;
const SECOND = 1000;

const REJECT_DUPLICATE = 3;

const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const TRANSIENT = [CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE];

const codeOf = (error: unknown): number => {
  const { code, cause } = error as { code?: number; cause?: { code?: number } };
  return code ?? cause?.code ?? 0;
};

/** A node that is down for a moment is not the workflow's fault: ask again. */
export async function persist<T>(call: () => Promise<T>, also: readonly number[] = []): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (![...TRANSIENT, ...also].includes(codeOf(error))) throw error;
      await pause(100);
    }
  }
}

type Kind = new (...args: never[]) => Error;

/** False if it could not be done any more. */
const unless = (kind: Kind, call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    (error: unknown) => {
      if (error instanceof kind) return false;
      throw error as Error;
    },
  );

/** What the world outside does to one run, while node and worker are killed. */
export class Attendant {
  readonly plan: Plan;
  readonly handle: WorkflowHandle;
  readonly #client: Client;
  readonly #taskQueue: string;

  constructor(client: Client, taskQueue: string, plan: Plan) {
    this.#client = client;
    this.#taskQueue = taskQueue;
    this.plan = plan;
    this.handle = client.workflow.getHandle(plan.id);
  }

  /** Resolves when the run needs nobody any more; a run that nobody ends waits for its time-out by itself. */
  async attend(): Promise<void> {
    await this.#start();
    const { steps, ending } = this.plan;
    const needed: Promise<void>[] = [];
    for (const [index, { kind }] of steps.entries()) {
      if (kind === 'signal') needed.push(this.#signal(index));
      if (kind === 'signal-once') needed.push(this.#signalByRequest(index));
      if (kind === 'async-activity') needed.push(this.#completeActivity(index));
    }
    if (ending === 'cancel') needed.push(this.#cancelUntilOver());
    if (ending === 'terminate') needed.push(this.#terminate());
    if (!hasLocals(this.plan)) needed.push(this.#ask());
    await Promise.all(needed);
  }

  async #start(): Promise<void> {
    const { id, start, ending } = this.plan;
    const retry = retriesOf(this.plan)
      ? { retry: { initialInterval: 50, maximumAttempts: retriesOf(this.plan) + 1 } }
      : {};
    const options = {
      taskQueue: this.#taskQueue,
      workflowId: id,
      args: [this.plan],
      memo: { plan: id },
      // A start whose answer was lost must not run the plan again.
      workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
      ...retry,
      ...(start === 'start delay' ? { startDelay: 300 } : {}),
      ...(ending === 'time out' ? { workflowExecutionTimeout: RUN_TIMEOUT_MS } : {}),
      workflowTaskTimeout: taskTimeoutMs(this.plan),
    };
    const { workflow } = this.#client;
    if (start === 'request') return this.#startByRequest();
    const begin = (): Promise<unknown> =>
      start === 'signal with start'
        ? workflow.signalWithStart('soak', { ...options, signal: 'reach', signalArgs: [WITH_START] })
        : workflow.start('soak', options);
    await persist(() => unless(WorkflowExecutionAlreadyStartedError, begin()));
  }

  /** The same request three times, as if its answer had been lost: one run. */
  async #startByRequest(): Promise<void> {
    const { id, ending } = this.plan;
    const request = {
      namespace: 'default',
      workflowId: id,
      requestId: `request-${id}`,
      workflowType: { name: 'soak' },
      taskQueue: { name: this.#taskQueue },
      input: { payloads: toPayloads(defaultPayloadConverter, this.plan) ?? null },
      memo: { fields: { plan: defaultPayloadConverter.toPayload(id) } },
      workflowIdReusePolicy: REJECT_DUPLICATE,
      workflowTaskTimeout: { seconds: (taskTimeoutMs(this.plan) / SECOND) as never },
      workflowExecutionTimeout: ending === 'time out' ? { seconds: (RUN_TIMEOUT_MS / SECOND) as never } : null,
    };
    const runIds = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const runId = await persist(() =>
        this.#client.workflowService.startWorkflowExecution(request).then(
          (reply) => reply.runId ?? '',
          (error: unknown) => {
            // It has continued as another run meanwhile, which this request did not start.
            if (i > 0 && codeOf(error) === ALREADY_EXISTS) return undefined;
            throw error as Error;
          },
        ),
      );
      if (runId !== undefined) runIds.add(runId);
    }
    if (runIds.size !== 1) throw new Error(`${id}: one request started ${runIds.size} runs`);
  }

  /** Once taken it must be seen; only a run that starts over does not know what the one before it was sent. */
  async #signal(index: number): Promise<void> {
    await pause(100);
    for (;;) {
      const isTaken = await persist(() => unless(WorkflowNotFoundError, this.handle.signal('reach', index)));
      if (!isTaken || !retriesOf(this.plan)) return;
      await pause(200);
      if ((await this.#progress()).words.length > index || !(await this.#isOpen())) return;
    }
  }

  async #signalByRequest(index: number): Promise<void> {
    const request = {
      namespace: 'default',
      workflowExecution: { workflowId: this.plan.id },
      signalName: 'reach',
      requestId: `signal-${this.plan.id}-${index}`,
      input: { payloads: toPayloads(defaultPayloadConverter, index) ?? null },
    };
    for (let i = 0; i < 3; i++) {
      await persist(() =>
        this.#client.workflowService.signalWorkflowExecution(request).catch((error: unknown) => {
          if (codeOf(error) !== NOT_FOUND) throw error as Error;
        }),
      );
    }
  }

  /** As soon as the workflow has scheduled it, whether or not a worker has taken it. */
  async #completeActivity(index: number): Promise<void> {
    const id = { workflowId: this.plan.id, activityId: `elsewhere-${index}` };
    const complete = () => unless(ActivityNotFoundError, this.#client.activity.complete(id, 'done elsewhere'));
    while (!(await persist(complete)) && (await this.#isOpen())) await pause(200);
  }

  /** A continuation does not inherit a request to cancel, so it is repeated until the run has ended. */
  async #cancelUntilOver(): Promise<void> {
    await pause(this.plan.endAfterMs);
    do {
      await persist(() => unless(WorkflowNotFoundError, this.handle.cancel()));
      await pause(300);
    } while (await this.#isOpen());
  }

  /** A retry or a continuation of the run is the same workflow: it is over only when its last run is. */
  async #terminate(): Promise<void> {
    await pause(this.plan.endAfterMs);
    await persist(() => unless(WorkflowNotFoundError, this.handle.terminate('planned')));
  }

  async #isOpen(): Promise<boolean> {
    return (await persist(() => this.handle.describe())).status.name === 'RUNNING';
  }

  async #progress(): Promise<Progress> {
    const query = () =>
      this.#client.withDeadline(Date.now() + QUERY_PATIENCE_MS, () => this.handle.query<Progress>('progress'));
    // While workflow tasks fail nobody can answer.
    return persist(query, [FAILED_PRECONDITION]);
  }

  /** Whatever a query sees is the beginning of what will have been. */
  async #ask(): Promise<void> {
    await pause(this.plan.endAfterMs / 2);
    const { words } = await this.#progress();
    const foreseen = wordsOf(this.plan).slice(0, words.length);
    if (words.join() !== foreseen.join()) throw new Error(`${this.plan.id}: a query saw ${words.join()}`);
  }

  async #result(): Promise<string> {
    return persist(() =>
      this.handle.result().then(String, (error: Error) => {
        if (error.name === 'WorkflowFailedError') return (error.cause as Error).message;
        throw error;
      }),
    );
  }

  /** How the last run of the chain ended, as its model tells it. */
  async outcome(): Promise<Required<Outcome>> {
    const result = await this.#result();
    const { status, memo, searchAttributes } = await persist(() => this.handle.describe());
    const [mark] = searchAttributes['CustomKeywordField'] ?? [];
    return { status: status.name, result, memo: { ...memo }, mark: mark === undefined ? undefined : String(mark) };
  }

  /** A closed run answers too, from its history. */
  lastWords(): Promise<readonly string[]> {
    return this.#progress().then(({ words }) => words);
  }
}
