import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOverHttp } from '../../src/pki/ocsp/over-http.js';
import type { AnswerOcsp } from '../../src/pki/ocsp/answer.js';

/** Nothing but Node's own HTTP server before the answers. Who answers is asked anew for each question. */
export const startOcspServer = async (answer: () => AnswerOcsp): Promise<{ port: number; stop(): void }> => {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const question = {
        method: incoming.method ?? '',
        rest: incoming.url ?? '',
        contentType: incoming.headers['content-type'],
        body: Buffer.concat(chunks),
      };
      void answerOverHttp(question, answer(), new Date()).then(({ status, headers, body }) =>
        outgoing.writeHead(status, headers).end(body),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, stop };
};
