import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../kernel/clock.js';
import { answerOverHttp } from '../../pki/ocsp/over-http.js';
import { REQUEST_MAX_BYTES } from '../../pki/ocsp/request.js';
import { toPem } from '../../pki/pem.js';
import { cachingHeaders } from '../../pki/revocation/caching.js';
import type { Pki } from '../pki/pki.js';
import { isDatabaseUnavailable } from '../sql/unavailable.js';

/** Stands in every certificate after the host, unless PKI_PUBLIC_URL says otherwise. */
export const PKI_PREFIX = '/pki';

/** A list is made anew at each revocation, so nobody shall keep the one before for long. */
const LIST_KEPT_MS = 3_600_000;
const AUTHORITY_KEPT_S = 86_400;
const NOTHING = Buffer.alloc(0);

type Named = { Params: { name: string } };

/**
 * What verifiers fetch: lists, status answers and the authorities' own certificates. Without an account, a cookie
 * or a session, over plain HTTP, and beside the framework: these are the questions asked thousands of times a second.
 */
export const publicPki =
  (pki: Pki, clock: Clock): FastifyPluginCallback =>
  (fastify, _, done) => {
    fastify.removeAllContentTypeParsers();
    // Every type is taken in, so that a wrong one is refused in the words of the protocol.
    fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: REQUEST_MAX_BYTES }, (_request, body, parsed) =>
      parsed(null, body),
    );
    fastify.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
      if (isDatabaseUnavailable(error))
        return reply.status(503).headers({ 'cache-control': 'no-store', 'retry-after': '1' }).send();
      const status = error.statusCode ?? 500;
      if (status >= 500) reply.log.error(error);
      return reply.status(status).header('cache-control', 'no-store').send();
    });
    fastify.setNotFoundHandler((_request, reply) => notFound(reply));
    lists(fastify, pki, clock);
    authorities(fastify, pki);
    statusAnswers(fastify, pki, clock);
    done();
  };

const statusAnswers = (fastify: FastifyInstance, { answers }: Pki, clock: Clock): void => {
  const handler = async (request: FastifyRequest<Named>, reply: FastifyReply) => {
    const answer = answers.of(request.params.name);
    if (!answer) return notFound(reply);
    const { method, headers, body, raw } = request;
    const place = `/ocsp/${request.params.name}`;
    // As it was sent: the router would decode it, and base64 has characters that mean something in an address.
    const rest = raw.url!.slice(raw.url!.indexOf(place) + place.length);
    const question = {
      method,
      rest,
      contentType: headers['content-type'],
      body: Buffer.isBuffer(body) ? body : NOTHING,
    };
    const answered = await answerOverHttp(question, answer, clock.now());
    return send(request, reply.headers(answered.headers).status(answered.status), answered.body);
  };
  for (const url of ['/ocsp/:name', '/ocsp/:name/*'])
    fastify.route<Named>({ method: ['GET', 'POST'], url, bodyLimit: REQUEST_MAX_BYTES, handler });
};

const lists = (fastify: FastifyInstance, { lists }: Pki, clock: Clock): void => {
  fastify.get<Named>('/crl/:name', async (request, reply) => {
    const { name } = request.params;
    const list = name.endsWith('.crl') ? await lists.current(name.slice(0, -'.crl'.length)) : null;
    if (!list) return notFound(reply);
    const now = clock.now();
    const nextUpdate = new Date(Math.min(list.nextUpdate.getTime(), now.getTime() + LIST_KEPT_MS));
    const caching = cachingHeaders(list.der, { thisUpdate: list.thisUpdate, nextUpdate }, now);
    return send(request, reply.headers({ 'content-type': 'application/pkix-crl', ...caching }), list.der);
  });
};

const authorities = (fastify: FastifyInstance, { authorities }: Pki): void => {
  fastify.get<Named>('/certificates/:name', (request, reply) => {
    const [, id = '', form] = /^(.+)\.(cer|pem)$/.exec(request.params.name) ?? [];
    const authority = authorities.find(id);
    if (!authority) return notFound(reply);
    void reply.header('cache-control', `max-age=${AUTHORITY_KEPT_S}, public, no-transform`);
    if (form === 'cer') return send(request, reply.type('application/pkix-cert'), authority.certificate);
    // For people who set up a verifier: the whole chain, the root last.
    const pem = authority.chain.map((der) => toPem('CERTIFICATE', der)).join('');
    return send(request, reply.type('application/x-pem-file'), Buffer.from(pem));
  });
};

const notFound = (reply: FastifyReply): FastifyReply =>
  reply.status(404).header('cache-control', 'no-store').header('x-content-type-options', 'nosniff').send();

/** Whoever has it already is told so. */
const send = (request: FastifyRequest, reply: FastifyReply, body: Buffer): FastifyReply => {
  void reply.header('x-content-type-options', 'nosniff');
  const etag = reply.getHeader('etag');
  if (etag !== undefined && request.headers['if-none-match'] === etag)
    return reply.status(304).removeHeader('content-length').send();
  return reply.send(body);
};
