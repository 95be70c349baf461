import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import { TooBusy } from '../../pki/gate.js';
import { EventStoreUnavailable, WrongExpectedRevision } from '../event-store/event-store.js';
import { ReadModelBehind } from '../projections/read-models.js';
import { isDatabaseUnavailable } from '../sql/unavailable.js';
import { LOG } from '../telemetry/log.js';
import type { Log } from '../telemetry/log.js';
import { Metrics } from '../telemetry/metrics.js';
import type { Caller } from './caller.js';
import { languageOf, plainProblem, type Problem, problemOf } from './problem.js';
import { Refused } from './refused.js';

/** Keeps a line in the history of what somebody was refused for lack of a right or of a secret. */
export abstract class RefusedOperations {
  abstract record(caller: Caller, operation: string, target: string, refusal: Refusal): Promise<void>;
}

const RETRY_AFTER_S = '1';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const refusalOf = (exception: unknown): Refusal | null => {
  if (exception instanceof Refused) return exception.refusal;
  if (exception instanceof WrongExpectedRevision) return refusal('CHANGED_MEANWHILE');
  if (!(exception instanceof HttpException)) return null;
  if (exception.getStatus() === 404) return refusal('NOT_FOUND');
  return exception.getStatus() === 429 ? refusal('TOO_MANY_TRIES') : null;
};

/** What the transport itself refuses before any of our code sees the request. */
const TRANSPORT: Readonly<Record<number, readonly [code: string, title: string]>> = {
  400: ['MALFORMED', 'The request is not well-formed; send a JSON object.'],
  413: ['TOO_LARGE', 'The request is too large.'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'Send application/json.'],
};

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(RefusedOperations) private readonly refusedOperations: RefusedOperations,
  ) {}

  /** Of what went wrong before or beside the routes. */
  catch(exception: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const methods = request.is404 ? request.server.methodsAt(request.url.split('?', 1)[0]!) : [];
    return methods.length > 0 ? this.wrongMethod(methods, request, reply) : this.answer(exception, request, reply);
  }

  private async wrongMethod(methods: readonly string[], request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const allow = methods.join(', ');
    const problem = plainProblem(405, 'METHOD_NOT_ALLOWED', `Here one may ask by ${allow} only.`, request.id);
    await reply.header('allow', allow).status(405).type(PROBLEM_TYPE).send(problem);
  }

  async answer(exception: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const refused = refusalOf(exception);
    if (refused) await this.noted(request, refused, exception);
    const problem = refused
      ? problemOf(refused, languageOf(request.headers['accept-language']), request.id)
      : this.faultOf(exception, request);
    if (problem.status === 503) reply.header('retry-after', RETRY_AFTER_S);
    if (problem.status === 429 && !reply.hasHeader('retry-after'))
      reply.header('retry-after', String(refused?.params['retryAfterSeconds'] ?? 60));
    await reply.status(problem.status).type(PROBLEM_TYPE).send(problem);
  }

  private async noted(request: FastifyRequest, refused: Refusal, exception: unknown): Promise<void> {
    this.metrics.refusals.inc({ code: refused.code });
    const noteworthy = exception instanceof Refused && exception.noteworthy;
    if (!noteworthy || !request.caller) return;
    const { method, routeOptions, url } = request;
    try {
      await this.refusedOperations.record(
        request.caller,
        `${method} ${routeOptions.url}`,
        url.split('?', 1)[0]!,
        refused,
      );
    } catch (error) {
      // The refusal stands whether or not it could be written down; the loss is for the operator to see.
      this.log.error({ err: error, correlationId: request.id }, 'a refused operation could not be recorded');
    }
  }

  private faultOf(exception: unknown, request: FastifyRequest): Problem {
    const isPassing = [EventStoreUnavailable, ReadModelBehind, TooBusy].some((kind) => exception instanceof kind);
    // The request's own line tells of each; what is away and since when tells the readiness.
    if (isPassing || isDatabaseUnavailable(exception))
      return plainProblem(503, 'NOT_READY', 'Not ready yet; try again in a moment.', request.id);
    const status =
      (exception as { statusCode?: unknown }).statusCode ??
      (exception instanceof HttpException ? exception.getStatus() : 500);
    const transport = TRANSPORT[status as number];
    if (transport) return plainProblem(status as number, ...transport, request.id);
    // Who went away amid a file or a body hears nothing of it, and nobody has to look into it.
    if (request.raw.destroyed && !request.raw.complete)
      return plainProblem(400, 'MALFORMED', 'The request ended before it was whole.', request.id);
    this.log.error({ err: exception, correlationId: request.id }, 'unexpected fault');
    // Nothing of the fault itself: whoever reads the log finds it by the correlation id.
    return plainProblem(500, 'FAULT', 'Something went wrong on our side; mention the correlation id.', request.id);
  }
}
