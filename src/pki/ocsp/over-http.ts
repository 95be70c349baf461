import { MalformedDer } from '../der/decode.js';
import { cachingHeaders } from '../revocation/caching.js';
import { ANYBODY, type AnswerOcsp, type Asker } from './answer.js';
import { REQUEST_MAX_BYTES } from './request.js';

export interface HttpQuestion {
  readonly method: string;
  /** What follows the responder's own path: the request in base64, percent-encoded or not (RFC 6960 A.1). */
  readonly rest: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const REQUEST_TYPE = 'application/ocsp-request';
const RESPONSE_TYPE = 'application/ocsp-response';
/** Base64 takes four characters for three bytes, and each may be percent-encoded. */
const REST_MAX_CHARACTERS = REQUEST_MAX_BYTES * 4;

const refused = (status: number): HttpAnswer => ({
  status,
  headers: { 'cache-control': 'no-store' },
  body: Buffer.alloc(0),
});

/** OCSP over HTTP, for any web server that can hand over these four values. */
export const answerOverHttp = async (
  question: HttpQuestion,
  answer: AnswerOcsp,
  now: Date,
  asker: Asker = ANYBODY,
): Promise<HttpAnswer> => {
  const isGet = question.method === 'GET' || question.method === 'HEAD';
  if (!isGet && question.method !== 'POST') return refused(405);
  if (!isGet && mediaTypeOf(question.contentType) !== REQUEST_TYPE) return refused(415);
  if (question.body.length > REQUEST_MAX_BYTES || question.rest.length > REST_MAX_CHARACTERS) return refused(413);
  const { body, reusable } = await answer(isGet ? fromPath(question.rest) : question.body, now, asker);
  return {
    status: 200,
    headers: {
      'content-type': RESPONSE_TYPE,
      'content-length': String(body.length),
      // A shared cache would keep the answer to a POST under the one address of all questions.
      ...cachingHeaders(body, isGet ? reusable : undefined, now),
    },
    body: question.method === 'HEAD' ? Buffer.alloc(0) : body,
  };
};

const mediaTypeOf = (contentType = ''): string => contentType.split(';', 1)[0]!.trim().toLowerCase();

const NOT_A_REQUEST = Buffer.alloc(0);

/** Whatever cannot be decoded becomes an empty request, which is answered as malformed. */
const fromPath = (rest: string): Buffer => {
  try {
    // A space is a plus sign that some intermediary took for one.
    const text = decodeURIComponent(rest.replace(/^\//, '')).replaceAll(' ', '+');
    if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw new MalformedDer('not base64');
    return Buffer.from(text, 'base64');
  } catch {
    return NOT_A_REQUEST;
  }
};
