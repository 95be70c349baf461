import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  StreamableFile,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, map, type Observable } from 'rxjs';
import type { ProjectionDefinition } from '../../projections/definition.js';
import { LIVE } from '../documented.js';
import { LiveReads } from './live-reads.js';

const MEDIA_TYPE = 'text/event-stream';
type Said = Readonly<{ models: readonly string[]; idField: string }>;

/** The read may be followed as a stream of server-sent events; `models` are what its answer is made of. */
export const Live = (models: readonly Pick<ProjectionDefinition, 'name'>[], idField = 'id') =>
  applyDecorators(
    SetMetadata(LIVE, { models: models.map(({ name }) => name), idField } satisfies Said),
    ApiExtension(LIVE, true),
  );

@Injectable()
export class LiveAnswer implements NestInterceptor {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(LiveReads) private readonly liveReads: LiveReads,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const said = this.reflector.get<Said | undefined>(LIVE, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const wanted = request.headers.accept?.includes(MEDIA_TYPE) ?? false;
    const { caller } = request;
    if (!said || !wanted || !caller?.token) return next.handle();
    const { token, program } = caller;
    const lastEventId = request.headers['last-event-id'];
    const stream = this.liveReads.start({
      ...said,
      client: { kind: program ? 'program' : 'session', token },
      lastEventId: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : null,
      // Asked for again, the handler runs again.
      read: () => lastValueFrom(next.handle()),
    });
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return from(stream).pipe(
      map((out) => {
        // Kept alive after the last event, the connection would hold up a service that stops.
        reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').header('connection', 'close');
        return new StreamableFile(out, { type: `${MEDIA_TYPE}; charset=utf-8` });
      }),
    );
  }
}
