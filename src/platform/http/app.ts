import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpException, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyPluginCallback } from 'fastify';
import { isUuid } from '../../kernel/ids.js';
import { freshId } from '../commands/fresh-id.js';
import type { Config } from '../config/config.js';
import type { Log } from '../telemetry/log.js';
import { answerHeaders, ON_EVERY_ANSWER } from './answer-headers.js';
import { CORRELATION_HEADER } from './caller.js';
import { CompiledRoutes } from './compiled-routes.js';
import { openApiOf } from './documented.js';
import { acceptFiles } from './files.js';
import { type Front, serverBehind } from './front.js';
import { nestLogger } from './nest-logger.js';
import { ProblemFilter } from './problem-filter.js';
import { limitsOf } from './rates.js';
import { logged } from './request-line.js';
import { PART_MAX, rememberMethods, unreadable } from './unroutable.js';

export const API_PREFIX = 'api/v1';
export const DOCS = 'docs';
const BODY_MAX_BYTES = 256 * 1024;
const FILE_MAX_BYTES = 10 * 1024 * 1024;

type HttpConfig = Pick<Config, 'rateLimitPerMinute' | 'loginRateLimitPerMinute' | 'trustedProxies' | 'publicUrl'>;

/** Routes that speak a protocol of their own and do without the framework; a front does without routes as well. */
export type Beside = Readonly<{ prefix: string; routes: FastifyPluginCallback; front: Front }>;

/** The HTTP edge around a module of controllers: limits, headers, who asks, what is refused and how. */
export const httpApp = async (
  module: object,
  config: HttpConfig,
  log: Log,
  beside: readonly Beside[] = [],
): Promise<NestFastifyApplication> => {
  const adapter = new CompiledRoutes({
    // Nothing here is middleware, and what would run it costs every request.
    skipMiddie: true,
    bodyLimit: BODY_MAX_BYTES,
    routerOptions: { maxParamLength: PART_MAX },
    frameworkErrors: unreadable,
    serverFactory: serverBehind(beside.map(({ front }) => front)),
    // Its own hops are believed, from the nearest on; whatever was claimed before the first stranger is not.
    trustProxy: config.trustedProxies.length > 0 && [...config.trustedProxies],
    genReqId: ({ headers }: IncomingMessage) => {
      const given = headers[CORRELATION_HEADER];
      return typeof given === 'string' && isUuid(given) ? given : freshId();
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module as Type, adapter, {
    logger: nestLogger(log),
  });
  rememberMethods(adapter.getInstance());
  // Before the edge, so that none of its hooks (cookies, limits, marks, lines in the log) costs them anything.
  for (const { prefix, routes } of beside) await adapter.getInstance().register(routes, { prefix });
  acceptFiles(adapter.getInstance(), FILE_MAX_BYTES);
  edge(adapter.getInstance(), config);
  logged(app.getHttpAdapter().getInstance(), log);
  withoutUnused(app.getHttpAdapter().getInstance());
  app.setGlobalPrefix(API_PREFIX, {
    exclude: ['health/live', 'health/ready', 'metrics', 'mailbox', 'mailbox/{*page}'],
  });
  app.useGlobalFilters(app.get(ProblemFilter));
  adapter.compile(app);
  const document = openApiOf(app);
  SwaggerModule.setup(DOCS, app, document, { useGlobalPrefix: false, jsonDocumentUrl: `${API_PREFIX}/openapi.json` });
  // Who opens the bare address is shown what can be asked.
  adapter.getInstance().get('/', (_, reply) => reply.redirect(`/${DOCS}`));
  await app.init();
  adapter.assertAllMounted();
  await app.getHttpAdapter().getInstance().ready();
  return app;
};

/** Control characters, as addresses carry them: no name and no filter holds one, and PostgreSQL takes no NUL. */
const HIDDEN = /%(?:[01][0-9a-f]|7f|c2%[89][0-9a-f])/i;

/** One hook at each end, because every hook costs every request. */
const edge = (fastify: FastifyInstance, config: HttpConfig): void => {
  fastify.decorate('secureCookies', config.publicUrl.startsWith('https:'));
  const limits = limitsOf(config);
  fastify.addHook('onRequest', (request, reply, done) => {
    // First of all, so that nothing that goes wrong later leaves without them; and not on the bare answer, where Node would
    // put them together with all others once more.
    reply.headers(ON_EVERY_ANSWER);
    const fault = HIDDEN.test(request.url)
      ? new HttpException('a control character in the address', 400)
      : limits(request, reply);
    if (fault) done(fault);
    else done();
  });
  answerHeaders(fastify, `/${DOCS}`);
};

/** A connection on which nothing was ever asked is no request to wait for: it would hold up a service that stops. */
const withoutUnused = (fastify: FastifyInstance): void => {
  const unused = new Set<Socket>();
  fastify.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  fastify.server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  fastify.addHook('preClose', (done) => {
    for (const socket of unused) socket.destroy();
    done();
  });
};
