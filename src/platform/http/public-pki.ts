import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../kernel/clock.js';
import { toPem } from '../../pki/pem.js';
import { cachingHeaders, isHeldAlready } from '../../pki/revocation/caching.js';
import type { Pki } from '../pki/pki.js';
import { isDatabaseUnavailable } from '../sql/unavailable.js';
import { addressOf, networkOf } from './client-address.js';
import { PerMinute } from './per-minute.js';

/** Stands in every certificate after the host, unless PKI_PUBLIC_URL says otherwise. */
export const PKI_PREFIX = '/pki';

/** A list is made anew at each revocation, so nobody shall keep the one before for long. */
const LIST_KEPT_MS = 3_600_000;
const AUTHORITY_KEPT_S = 86_400;

type Named = { Params: { name: string } };

/**
 * What verifiers fetch: lists and the authorities' own certificates; status answers are given before any route is
 * looked for. Without an account, a cookie or a session, and over plain HTTP.
 */
export const publicPki =
  (pki: Pki, clock: Clock, perMinute: number): FastifyPluginCallback =>
  (fastify, _, done) => {
    // A list is large and its sender is named by nothing but the address.
    const shares = new PerMinute(clock, perMinute);
    fastify.addHook('onRequest', (request, reply, next) => {
      const waitS = shares.waitOf(networkOf(addressOf(request)));
      if (waitS === null) return next();
      return void reply.status(429).headers({ 'retry-after': waitS, 'cache-control': 'no-store' }).send();
    });
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
    done();
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
  if (isHeldAlready(request.headers, reply.getHeaders() as Record<string, string>))
    return reply.status(304).removeHeader('content-length').send();
  return reply.send(body);
};
