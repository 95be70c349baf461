import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, mergeMap, type Observable, throwError } from 'rxjs';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import { Vault } from '../vault/vault.js';
import type { Caller } from './caller.js';
import { Refused } from './refused.js';

const PURPOSE = 'refusal';
/** A client that lost an answer asks again within minutes; a day later it means a new attempt. */
const KEPT_FOR_MS = 24 * 3_600_000;
const SWEEP_EVERY_MS = 3_600_000;
type Kept = Readonly<{ fingerprint: string | null; refusal: Refusal; at: string }>;

/**
 * A repeated request with an Idempotency-Key gets the first answer. What was accepted is read back from
 * the stream by the command path, however late; a refusal left nothing there, so it is kept here for a day.
 */
@Injectable()
export class FirstAnswer implements NestInterceptor {
  private sweptAtMs = -Infinity;

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
    if (Date.parse(first.at) <= this.keptSinceMs()) return this.vault.delete(commandId);
    throw new Refused(first.fingerprint === fingerprint ? first.refusal : refusal('IDEMPOTENCY_KEY_REUSED'));
  }

  private kept({ commandId, fingerprint }: Caller, error: unknown): Observable<never> {
    if (!(error instanceof Refused) || error.refusal.code === 'IDEMPOTENCY_KEY_REUSED') return throwError(() => error);
    const now = this.clock.now();
    const kept: Kept = { fingerprint, refusal: error.refusal, at: now.toISOString() };
    const keeping = this.sweep(now).then(() =>
      this.vault.put(commandId, PURPOSE, Buffer.from(JSON.stringify(kept)), now),
    );
    return from(keeping).pipe(mergeMap(() => throwError(() => error)));
  }

  private async sweep(now: Date): Promise<void> {
    if (now.getTime() - this.sweptAtMs < SWEEP_EVERY_MS) return;
    this.sweptAtMs = now.getTime();
    await this.vault.deleteOlder(PURPOSE, new Date(this.keptSinceMs()));
  }

  private keptSinceMs(): number {
    return this.clock.now().getTime() - KEPT_FOR_MS;
  }
}
