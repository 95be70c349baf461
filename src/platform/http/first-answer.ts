import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, mergeMap, type Observable, throwError } from 'rxjs';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import { Vault } from '../vault/vault.js';
import type { Caller } from './caller.js';
import { Refused } from './refused.js';

const PURPOSE = 'refusal';
type Kept = Readonly<{ fingerprint: string | null; refusal: Refusal }>;

/**
 * A repeated request with an Idempotency-Key gets the first answer. What was accepted is read back from
 * the stream by the command path; a refusal left nothing there, so it is kept here.
 */
@Injectable()
export class FirstAnswer implements NestInterceptor {
  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { caller, method } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller?.idempotent || method === 'GET') return next.handle();
    return from(this.repeated(caller)).pipe(
      mergeMap(() => next.handle().pipe(catchError((error: unknown) => this.kept(caller, error)))),
    );
  }

  private async repeated({ commandId, fingerprint }: Caller): Promise<void> {
    const kept = await this.vault.get(commandId, PURPOSE);
    if (!kept) return;
    const first = JSON.parse(kept.toString()) as Kept;
    throw new Refused(first.fingerprint === fingerprint ? first.refusal : refusal('IDEMPOTENCY_KEY_REUSED'));
  }

  private kept({ commandId, fingerprint }: Caller, error: unknown): Observable<never> {
    if (!(error instanceof Refused) || error.refusal.code === 'IDEMPOTENCY_KEY_REUSED') return throwError(() => error);
    const kept: Kept = { fingerprint, refusal: error.refusal };
    const keeping = this.vault.put(commandId, PURPOSE, Buffer.from(JSON.stringify(kept)), this.clock.now());
    return from(keeping).pipe(mergeMap(() => throwError(() => error)));
  }
}
