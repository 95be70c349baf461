import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { Clock } from '../../kernel/clock.js';
import type { AnswerOcsp } from '../../pki/ocsp/answer.js';
import { answerOverHttp, type HttpQuestion } from '../../pki/ocsp/over-http.js';
import { REQUEST_MAX_BYTES } from '../../pki/ocsp/request.js';
import { isHeldAlready } from '../../pki/revocation/caching.js';
import type { Pki } from '../pki/pki.js';
import { networkOf } from './client-address.js';
import { addressesBehind, type Front } from './front.js';
import { PerMinute } from './per-minute.js';

export type StatusLimits = Readonly<{
  /** Answers made for one asker alone, per address. */
  ocspSignaturesPerMinute: number;
  trustedProxies: readonly string[];
}>;

/**
 * Status answers, before the web framework: every verifier of every signature asks here, thousands of times a
 * second. What was signed for everybody is free; what must be signed for one asker is rationed by address.
 */
export const statusFront = (
  prefix: string,
  { answers }: Pki,
  clock: Clock,
  { ocspSignaturesPerMinute, trustedProxies }: StatusLimits,
): Front => {
  const place = `${prefix}/ocsp/`;
  const shares = new PerMinute(clock, ocspSignaturesPerMinute);
  const addressOf = addressesBehind(trustedProxies);
  return (request, response) => {
    const url = request.url!;
    if (!url.startsWith(place)) return false;
    const slash = url.indexOf('/', place.length);
    const end = slash < 0 ? url.length : slash;
    const answer = answers.of(url.slice(place.length, end));
    if (!answer) {
      sendNothing(request, response, 404);
      return true;
    }
    // As it was sent: a router would decode it, and base64 has characters that mean something in an address.
    const rest = url.slice(end);
    const maySign = (): boolean => shares.waitOf(networkOf(addressOf(request))) === null;
    const answered = (body: Buffer): void => {
      const { method = '', headers } = request;
      const question: HttpQuestion = { method, rest, contentType: headers['content-type'], body };
      void answerTo(question, answer, clock.now(), { maySign }, request, response);
    };
    if (request.method === 'POST') readBody(request, answered, () => sendNothing(request, response, 413));
    else answered(NOTHING);
    return true;
  };
};

const NOTHING = Buffer.alloc(0);

const answerTo = async (
  question: HttpQuestion,
  answer: AnswerOcsp,
  now: Date,
  asker: Readonly<{ maySign: () => boolean }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { status, headers, body } = await answerOverHttp(question, answer, now, asker);
  if (!isHeldAlready(request.headers, headers)) return send(request, response, status, { ...headers }, body);
  const { 'content-length': _, ...kept } = headers;
  send(request, response, 304, kept, NOTHING);
};

/** Nothing longer than a question is kept: the rest of it, however long, is never read. */
const readBody = (request: IncomingMessage, done: (body: Buffer) => void, tooLong: () => void): void => {
  if (Number(request.headers['content-length'] ?? 0) > REQUEST_MAX_BYTES) return tooLong();
  let body: Buffer = NOTHING;
  request.on('data', (chunk: Buffer) => {
    body = body.length === 0 ? chunk : Buffer.concat([body, chunk]);
    if (body.length <= REQUEST_MAX_BYTES) return;
    request.removeAllListeners('data').removeAllListeners('end').pause();
    tooLong();
  });
  request.on('end', () => done(body));
};

const sendNothing = (request: IncomingMessage, response: ServerResponse, status: number): void => {
  // What was not read of the question must not be taken for the next one.
  const connection = status === 413 ? { connection: 'close' } : {};
  send(request, response, status, { 'cache-control': 'no-store', 'content-length': '0', ...connection }, NOTHING);
};

const send = (
  { socket }: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): void => {
  headers['x-content-type-options'] = 'nosniff';
  // A service that stops waits for its connections.
  if ((socket as { server?: Server }).server?.listening === false) headers['connection'] = 'close';
  response.writeHead(status, headers).end(body);
};
