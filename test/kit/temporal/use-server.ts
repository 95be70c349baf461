import type { Connection, WorkflowClient } from '@temporalio/client';
import { newId, openTarget, startWorker, type RunningWorker, type Server, type Target } from './target.js';

const PATIENCE_MS = 60_000;

/** Opened for all tests of the suite that asks for it. */
export class ServerInUse {
  readonly #server: Server;
  #target: Target | undefined;

  constructor(server: Server) {
    this.#server = server;
    beforeAll(() => this.open(), PATIENCE_MS);
    afterAll(() => this.close());
  }

  protected async open(): Promise<void> {
    this.#target = await openTarget(this.#server);
  }

  protected async close(): Promise<void> {
    await this.#target?.close();
  }

  get target(): Target {
    if (!this.#target) throw new Error('the server is not open before the first test');
    return this.#target;
  }

  readonly service = (): Connection['workflowService'] => this.target.connection.workflowService;
  readonly workflow = (): WorkflowClient => this.target.client.workflow;
}

/** The same, with a worker that knows the contract suite's workflows. */
export class WorkerInUse extends ServerInUse {
  #worker: RunningWorker | undefined;
  readonly #prefix: string;

  constructor(server: Server, prefix: string) {
    super(server);
    this.#prefix = prefix;
  }

  protected override async open(): Promise<void> {
    await super.open();
    this.#worker = await startWorker(this.target);
  }

  protected override async close(): Promise<void> {
    await this.#worker?.stop();
    await super.close();
  }

  get taskQueue(): string {
    if (!this.#worker) throw new Error('the worker does not run before the first test');
    return this.#worker.taskQueue;
  }

  readonly options = (args: unknown[] = [], workflowId = newId(this.#prefix)) => ({
    taskQueue: this.taskQueue,
    workflowId,
    args,
  });
}
