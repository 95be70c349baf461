import { createParamDecorator, type ExecutionContext, StreamableFile } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProjectionDefinition } from '../../projections/definition.js';
import { LIVE } from '../documented.js';
import type { LiveReads } from './live-reads.js';

declare module 'fastify' {
  interface FastifyInstance {
    liveReads: LiveReads;
  }
}

const MEDIA_TYPE = 'text/event-stream';
/** Where a route that may be followed gets what it needs for that: behind all arguments of its own. */
const BEHIND_ARGUMENTS = 15;

type Exchange = Readonly<{ request: FastifyRequest; reply: FastifyReply }>;
type Handler = (...args: unknown[]) => Promise<unknown>;
type Said = Readonly<{ models: readonly string[]; idField: string }>;

const Exchanged = createParamDecorator((_: unknown, context: ExecutionContext): Exchange => {
  const http = context.switchToHttp();
  return { request: http.getRequest(), reply: http.getResponse() };
});

/** The read may be followed as a stream of server-sent events; `models` are what its answer is made of. */
export const Live = (models: readonly Pick<ProjectionDefinition, 'name'>[], idField = 'id'): MethodDecorator => {
  const said = { models: models.map(({ name }) => name), idField };
  return (target, property, descriptor) => {
    ApiExtension(LIVE, true)(target, property, descriptor);
    Exchanged()(target, property, BEHIND_ARGUMENTS);
    return { ...descriptor, value: insteadOf(descriptor.value as Handler, said) as never };
  };
};

/** An interceptor would do the same, at the price of a chain of observables for every read that nobody follows. */
const insteadOf = (read: Handler, said: Said): Handler => {
  const live = function (this: unknown, ...args: unknown[]) {
    const exchange = args[BEHIND_ARGUMENTS] as Exchange;
    const wanted = exchange.request.headers.accept?.includes(MEDIA_TYPE) ?? false;
    return wanted ? followed(exchange, said, () => read.apply(this, args)) : read.apply(this, args);
  };
  Object.defineProperty(live, 'name', { value: read.name });
  for (const key of Reflect.getMetadataKeys(read)) Reflect.defineMetadata(key, Reflect.getMetadata(key, read), live);
  return live;
};

const followed = async ({ request, reply }: Exchange, said: Said, read: () => Promise<unknown>): Promise<unknown> => {
  if (!request.caller?.token) return read();
  const { token, program } = request.caller;
  const lastEventId = request.headers['last-event-id'];
  const stream = await request.server.liveReads.start({
    ...said,
    client: { kind: program ? 'program' : 'session', token },
    lastEventId: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : null,
    // Asked for again, the handler runs again.
    read,
  });
  // Kept alive after the last event, the connection would hold up a service that stops.
  reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').header('connection', 'close');
  return new StreamableFile(stream, { type: `${MEDIA_TYPE}; charset=utf-8` });
};
