import type { ChildProcess } from 'node:child_process';
import { Client, Connection } from '@temporalio/client';
import { end, startNodeProcess, startWorkerProcess, writeBundle, type NodeProcess } from './processes.js';
import { newQueue, pause, temporaryFolder } from './target.js';

/** A node and a worker in processes of their own, and a client that outlives them. */
export class Killable {
  readonly taskQueue = newQueue();
  readonly #folder = temporaryFolder();
  readonly #args: readonly string[];
  #bundle = '';
  #node: NodeProcess | undefined;
  #worker: ChildProcess | undefined;
  #connection: Connection | undefined;
  #client: Client | undefined;

  private constructor(args: readonly string[]) {
    this.#args = args;
  }

  static async start(options: { workflows?: string; args?: readonly string[] } = {}): Promise<Killable> {
    const started = new Killable(options.args ?? []);
    started.#bundle = await writeBundle(started.#folder.path, options.workflows);
    started.#node = await startNodeProcess(started.#folder.path, 0, started.#args);
    started.#worker = await started.anotherWorker();
    started.#connection = await Connection.connect({ address: started.node.ready.address });
    started.#client = new Client({ connection: started.#connection });
    return started;
  }

  get dataDir(): string {
    return this.#folder.path;
  }
  get node(): NodeProcess {
    return present(this.#node);
  }
  get worker(): ChildProcess {
    return present(this.#worker);
  }
  get client(): Client {
    return present(this.#client);
  }

  /** Started beside the one that is there; `replaceWorker` makes it that one. */
  anotherWorker(): Promise<ChildProcess> {
    return startWorkerProcess(this.node.ready.address, this.taskQueue, this.#bundle);
  }

  replaceWorker(worker: ChildProcess): void {
    this.#worker = worker;
  }

  /** Pulls the plug, waits, and starts again on the same folder and port. Tells whether it was a kill indeed. */
  async crashNode(downMs = 0): Promise<boolean> {
    const { child, ready } = this.node;
    await end(child);
    await pause(downMs);
    this.#node = await startNodeProcess(this.#folder.path, ready.port, this.#args);
    return child.signalCode === 'SIGKILL';
  }

  async crashWorker(downMs = 0): Promise<boolean> {
    const { worker } = this;
    await end(worker);
    await pause(downMs);
    this.#worker = await this.anotherWorker();
    return worker.signalCode === 'SIGKILL';
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    if (this.#worker) await end(this.#worker);
    if (this.#node) await end(this.#node.child);
    this.#folder.remove();
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it has not been started');
  return value;
}
