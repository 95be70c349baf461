import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { CORRELATION_HEADER } from './caller.js';

/**
 * On every answer: nothing of it runs, is framed, is taken for another type or is read by another site's page. What rules
 * scripts, windows and links of a page means nothing for an answer that is no page; each header costs each request.
 */
export const ON_EVERY_ANSWER = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** What a browser shows as a page gets besides. */
const OF_PAGES = {
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-permitted-cross-domain-policies': 'none',
  // Old filters that looked for injected scripts made holes of their own.
  'x-xss-protection': '0',
};

const DOCS_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

const MAY_BE_UNCHANGED = ['GET', 'HEAD'];

/** RFC 9110 13.1.2: any, or one of a list, weak or not. No tag of ours holds a comma. */
export const isKnown = (given: string | undefined, tag: string): boolean =>
  given !== undefined &&
  (given.trim() === '*' || given.split(',').some((one) => one.trim().replace(/^W\//, '') === tag));

/** What is known of an answer only when it is there. */
export const answerHeaders = (fastify: FastifyInstance, docsPath: string): void => {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    reply.header(CORRELATION_HEADER, request.id);
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('text/html')) reply.headers(OF_PAGES);
    // The one page that loads anything: its own scripts and styles, and nothing from elsewhere.
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
