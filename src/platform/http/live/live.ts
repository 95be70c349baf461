import { applyDecorators, Inject, Injectable, SetMetadata, StreamableFile } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProjectionDefinition } from '../../projections/definition.js';
import { callerAt } from '../caller.js';
import { LIVE } from '../documented.js';
import { LiveReads } from './live-reads.js';

const MEDIA_TYPE = 'text/event-stream';
export type Said = Readonly<{ models: readonly string[]; idField: string }>;

/** The read may be followed as a stream of server-sent events; `models` are what its answer is made of. */
export const Live = (models: readonly Pick<ProjectionDefinition, 'name'>[], idField = 'id') =>
  applyDecorators(
    SetMetadata(LIVE, { models: models.map(({ name }) => name), idField } satisfies Said),
    ApiExtension(LIVE, true),
  );

/** How a route is followed; null where it cannot be. */
export const liveOf = (method: object): Said | null => (Reflect.getMetadata(LIVE, method) as Said | undefined) ?? null;

@Injectable()
export class LiveAnswer {
  constructor(@Inject(LiveReads) private readonly liveReads: LiveReads) {}

  isWanted({ headers, caller }: FastifyRequest): boolean {
    return (headers.accept?.includes(MEDIA_TYPE) ?? false) && (caller?.token ?? null) !== null;
  }

  /** `read` is asked again whenever something moved. */
  async follow(said: Said, request: FastifyRequest, reply: FastifyReply, read: () => unknown): Promise<StreamableFile> {
    const { token, program } = callerAt(request);
    const lastEventId = request.headers['last-event-id'];
    const out = await this.liveReads.start({
      ...said,
      client: { kind: program ? 'program' : 'session', token: token! },
      lastEventId: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : null,
      read: async () => await read(),
    });
    // Kept alive after the last event, the connection would hold up a service that stops.
    reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').header('connection', 'close');
    return new StreamableFile(out, { type: `${MEDIA_TYPE}; charset=utf-8` });
  }
}
