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
import { answerHeaders } from './answer-headers.js';
import { CORRELATION_HEADER } from './caller.js';
import { CompiledRoutes } from './compiled-routes.js';
import { openApiOf } from './documented.js';
import { acceptFiles } from './files.js';
import { type Front, serverBehind } from './front.js';
import { nestLogger } from './nest-logger.js';
import { ProblemFilter } from './problem-filter.js';
import { PART_MAX, rememberMethods, unreadable } from './unroutable.js';
import { limited } from './rates.js';

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

const readable = (fastify: FastifyInstance): void => {
  fastify.addHook('onRequest', ({ url }, _, done) =>
    HIDDEN.test(url) ? done(new HttpException('a control character in the address', 400)) : done(),
  );
};

const edge = (fastify: FastifyInstance, config: HttpConfig): void => {
  fastify.decorate('secureCookies', config.publicUrl.startsWith('https:'));
  answerHeaders(fastify, `/${DOCS}`);
  readable(fastify);
  limited(fastify, config);
};

/** One line for each request: the route, never the address with its ids, and nothing of the content. */
const logged = (fastify: FastifyInstance, log: Log): void => {
  // These fields are fixed and none is the client's: to look for secrets in them would cost ten times the line.
  const lines = log.child({}, { redact: { paths: [] } });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { session } = request.caller ?? {};
    lines.info(
      {
        correlationId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        tenant: session?.tenant,
        account: session?.accountId,
      },
      'request',
    );
    done();
  });
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
