import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { CORRELATION_HEADER } from './caller.js';

/** The API is for programs and for pages of its own: a browser that shows an answer as a page gets nothing from it. */
const SECURITY: readonly (readonly [name: string, value: string])[] = [
  [
    'content-security-policy',
    "default-src 'none';frame-ancestors 'none';base-uri 'self';font-src 'self' https: data:;form-action 'self';" +
      "img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline';" +
      'upgrade-insecure-requests',
  ],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['origin-agent-cluster', '?1'],
  ['referrer-policy', 'no-referrer'],
  ['strict-transport-security', 'max-age=31536000; includeSubDomains'],
  ['x-content-type-options', 'nosniff'],
  ['x-dns-prefetch-control', 'off'],
  ['x-download-options', 'noopen'],
  ['x-frame-options', 'SAMEORIGIN'],
  ['x-permitted-cross-domain-policies', 'none'],
  // Old filters that looked for injected scripts made holes of their own.
  ['x-xss-protection', '0'],
];

const DOCS_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

const MAY_BE_UNCHANGED = ['GET', 'HEAD'];

/** RFC 9110 13.1.2: any, or one of a list, weak or not. No tag of ours holds a comma. */
export const isKnown = (given: string | undefined, tag: string): boolean =>
  given !== undefined &&
  (given.trim() === '*' || given.split(',').some((one) => one.trim().replace(/^W\//, '') === tag));

/** What stands on every answer, also on refusals. One hook at each end, because every hook costs every request. */
export const answerHeaders = (fastify: FastifyInstance, docsPath: string): void => {
  // On the bare answer and first of all, so that nothing that goes wrong later leaves without them.
  fastify.addHook('onRequest', (_, { raw }, done) => {
    for (const [name, value] of SECURITY) raw.setHeader(name, value);
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    reply.header(CORRELATION_HEADER, request.id);
    // The one page that is a page: it loads its own scripts and styles, and nothing from elsewhere.
    if (request.url.startsWith(docsPath)) reply.header('content-security-policy', DOCS_POLICY);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
    // Only what was found can be unchanged; a refusal is told each time.
    if (reply.statusCode < 200 || reply.statusCode > 299) return done();
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return done();
    const tag = (reply.getHeader('etag') as string | undefined) ?? `"${hash('sha1', payload, 'base64')}"`;
    reply.header('etag', tag);
    if (!MAY_BE_UNCHANGED.includes(request.method) || !isKnown(request.headers['if-none-match'], tag)) return done();
    reply.code(304);
    return done(null, '');
  });
};
