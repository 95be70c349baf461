import { Worker } from 'node:worker_threads';
import { Gate } from '../gate.js';
import type { Pin } from '../pins/pin.js';
import type { PfxResult, PfxTask } from './worker.js';
import type { PfxContent } from './write-pfx.js';

export interface PfxMakerOptions {
  /** Where the worker's module lies; for running from sources. */
  readonly entry?: URL;
  readonly execArgv?: readonly string[];
}

/** Half a second of pure work each: more waiting than this, and the last one waits longer than a browser. */
const WAITING_MAX = 32;

interface Pending {
  readonly resolve: (pfx: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** Makes `.pfx` files in one worker thread, one after the other. The thread starts with the first file. */
export class PfxMaker {
  readonly #options: PfxMakerOptions;
  readonly #gate = new Gate(1, WAITING_MAX);
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #next = 0;

  constructor(options: PfxMakerOptions = {}) {
    this.#options = options;
  }

  /** The key's bytes are copied, and the copy is moved to the worker and zeroed there; so is the PIN's. */
  make(content: PfxContent, pin: Pin): Promise<Buffer> {
    return this.#gate.run(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          const number = this.#next++;
          const { form, friendlyName, certificates } = content;
          const privateKey = movable(content.privateKey);
          const secret = pin.read(movable);
          const task: PfxTask = { number, form, friendlyName, certificates, privateKey, pin: secret };
          this.#pending.set(number, { resolve, reject });
          const worker = this.#running();
          // Only a thread with work to do keeps the process alive.
          worker.ref();
          worker.postMessage(task, [privateKey.buffer, secret.buffer]);
        }),
    );
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#failAll(new Error('the maker of .pfx files was closed'));
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { entry = new URL('./worker.js', import.meta.url), execArgv } = this.#options;
    const worker = new Worker(entry, execArgv === undefined ? {} : { execArgv: [...execArgv] });
    worker.on('message', (result: PfxResult) => this.#settle(result));
    worker.on('error', (error) => this.#died(worker, error as Error));
    worker.on('exit', () => this.#died(worker, new Error('the worker for .pfx files ended')));
    return (this.#worker = worker);
  }

  #settle(result: PfxResult): void {
    const pending = this.#pending.get(result.number);
    this.#pending.delete(result.number);
    if ('pfx' in result) pending?.resolve(Buffer.from(result.pfx));
    else pending?.reject(new Error(`the .pfx file could not be made (${result.fault})`));
    if (this.#pending.size === 0) this.#worker?.unref();
  }

  /** The next file starts another worker. */
  #died(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failAll(error);
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** A copy with a buffer of its own: what lies in Node's shared pool cannot be moved. */
const movable = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
};
