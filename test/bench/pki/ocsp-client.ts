import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { summaryOf } from './measure.js';

export interface OcspLoad {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  readonly request: Uint8Array;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Sends the question and reads one whole answer; bare sockets, so that the server is measured and not its client. */
const exchange = (socket: Socket, question: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const head = received.indexOf(END_OF_HEAD);
      if (head < 0) return;
      const text = received.toString('latin1', 0, head);
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (received.length < head + END_OF_HEAD.length + length) return;
      socket.off('data', onData);
      // Shorter answers are failures, which cost nothing and would flatter the figure.
      if (text.startsWith('HTTP/1.1 200') && length > 300) resolve();
      else reject(new Error('not an answer'));
    };
    socket.on('data', onData);
    socket.write(question);
  });

const load = async ({ port, path, connections, seconds, request }: OcspLoad): Promise<void> => {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ocsp-request\r\nContent-Length: ${request.length}\r\n\r\n`;
  const question = Buffer.concat([Buffer.from(head), request]);
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const lane = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    for (let before = performance.now(); before < end; before = performance.now()) {
      await exchange(socket, question);
      latencies.push(performance.now() - before);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, lane));
  parentPort?.postMessage(summaryOf(latencies, performance.now() - start));
};

await load(workerData as OcspLoad);
