import { parentPort, Worker, workerData } from 'node:worker_threads';

/** A node that serves until it is stopped. `Ready` is what its clients need to know. */
export interface RunningNode<Ready> {
  readonly ready: Ready;
  stop(): Promise<void>;
  /** Settles when the node has ended: resolves after `stop`, rejects when it died by itself. */
  readonly ended: Promise<void>;
}

type FromWorker<Ready> = { ready: Ready } | { failed: { name: string; message: string } };

/** Runs a node outside the caller's event loop. `entry` is a module that calls `serveInWorker`. */
export const startInWorker = async <Options, Ready>(entry: URL, options: Options): Promise<RunningNode<Ready>> => {
  const worker = new Worker(entry, { workerData: options });
  const ended = endOf(worker);
  ended.catch(() => undefined); // a caller who only awaits `stop` must not be killed by an unhandled rejection
  // Not by `once` of node:events: its promise settles some steps late, and the end of the thread would overtake what
  // the thread had said before, where a busy host hears of both in one turn.
  const first = new Promise<FromWorker<Ready>>((resolve) => worker.once('message', resolve));
  const answer = await Promise.race([first, ended.then(() => undefined)]);
  if (answer === undefined) throw new Error('the node in the worker thread ended before it was ready');
  if ('failed' in answer) {
    await ended;
    throw Object.assign(new Error(answer.failed.message), { name: answer.failed.name });
  }
  return {
    ready: answer.ready,
    ended,
    stop: async () => {
      worker.postMessage('stop');
      await ended;
    },
  };
};

/** Settles only when the thread has gone, and with it everything it held. */
const endOf = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    let cause: Error | undefined;
    worker.once('error', (error: Error) => (cause = error));
    worker.once('exit', (code) => {
      if (cause !== undefined) reject(cause);
      else if (code !== 0) reject(new Error(`the node in the worker thread ended with code ${code}`));
      else resolve();
    });
  });

/** The worker's side: starts the node, tells the host, and stops when the host says so. */
export const serveInWorker = async <Options, Ready>(
  start: (options: Options) => Promise<RunningNode<Ready>>,
): Promise<void> => {
  const port = parentPort;
  if (port === null) throw new Error('this module is meant to run in a worker thread');
  const tell = (message: FromWorker<Ready>): void => port.postMessage(message);
  let node: RunningNode<Ready>;
  try {
    node = await start(workerData as Options);
  } catch (error) {
    tell({ failed: { name: (error as Error).name, message: (error as Error).message } });
    port.close();
    return;
  }
  port.once('message', () => void node.stop());
  tell({ ready: node.ready });
  try {
    await node.ended;
  } finally {
    port.close();
  }
};
