import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import { Vault } from '../vault/vault.js';
import type { Caller } from './caller.js';
import { Refused } from './refused.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the guard has let it in: what it is refused from then on is its first answer. */
    firstAnswerKept?: true;
  }
}

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
export class FirstAnswer {
  private sweptAtMs = -Infinity;

  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Refuses again what was refused before; for whoever was let in. */
  async repeat(request: FastifyRequest): Promise<void> {
    const { caller, method } = request;
    if (!caller?.idempotent || method === 'GET') return;
    await this.repeated(caller);
    request.firstAnswerKept = true;
  }

  /** Keeps what a request was refused. */
  async keep({ caller, firstAnswerKept }: FastifyRequest, error: unknown): Promise<void> {
    if (!firstAnswerKept || !caller) return;
    if (!(error instanceof Refused) || error.refusal.code === 'IDEMPOTENCY_KEY_REUSED') return;
    const now = this.clock.now();
    const kept: Kept = { fingerprint: caller.fingerprint, refusal: error.refusal, at: now.toISOString() };
    await this.sweep(now);
    await this.vault.put(caller.commandId, PURPOSE, Buffer.from(JSON.stringify(kept)), now);
  }

  private async repeated({ commandId, fingerprint }: Caller): Promise<void> {
    const kept = await this.vault.get(commandId, PURPOSE);
    if (!kept) return;
    const first = JSON.parse(kept.toString()) as Kept;
    if (Date.parse(first.at) <= this.keptSinceMs()) return this.vault.delete(commandId);
    throw new Refused(first.fingerprint === fingerprint ? first.refusal : refusal('IDEMPOTENCY_KEY_REUSED'));
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
