import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import { Vault } from '../vault/vault.js';
import type { Caller } from './caller.js';
import { Refused } from './refused.js';

const PURPOSE = 'refusal';
const INPUT = 'secret-input';
/** A client that lost an answer asks again within minutes; a day later it means a new attempt. */
const KEPT_FOR_MS = 24 * 3_600_000;
const SWEEP_EVERY_MS = 3_600_000;
/** Anybody can make up keys: what strangers leave here has a bound for each address between two sweeps. */
const STRANGERS_MAX = 100;
const ADDRESSES_MAX = 10_000;
type Kept = Readonly<{ fingerprint: string | null; refusal: Refusal; at: string }>;

/**
 * A repeated request with an Idempotency-Key gets the first answer. What was accepted is read back from
 * the stream by the command path, however late; a refusal left nothing there, so it is kept here for a day.
 */
@Injectable()
export class FirstAnswer {
  private sweptAtMs = -Infinity;
  private readonly leftBy = new Map<string, number>();

  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async of(caller: Caller, answer: () => unknown): Promise<unknown> {
    await this.repeated(caller);
    try {
      return await answer();
    } catch (error) {
      if (error instanceof Refused && error.refusal.code !== 'IDEMPOTENCY_KEY_REUSED')
        await this.keep(caller, error.refusal);
      throw error;
    }
  }

  private async repeated(caller: Caller): Promise<void> {
    await this.assertSameInput(caller);
    const { commandId, fingerprint } = caller;
    const kept = await this.vault.get(commandId, PURPOSE);
    if (!kept) return;
    const first = JSON.parse(kept.toString()) as Kept;
    if (Date.parse(first.at) <= this.keptSinceMs()) return this.vault.delete(commandId);
    // It has its line in the history since it was given first.
    throw new Refused(first.fingerprint === fingerprint ? first.refusal : refusal('IDEMPOTENCY_KEY_REUSED'), false);
  }

  /**
   * For a day the vault knows whether the same input comes again. The events know it for ever, but each stream only its own,
   * and no digest of a secret stands in them.
   */
  private async assertSameInput(caller: Caller): Promise<void> {
    const { commandId, fingerprint, secretFingerprint } = caller;
    const given = secretFingerprint ?? fingerprint;
    const entryId = derivedId(commandId, INPUT);
    const kept = await this.vault.get(entryId, INPUT);
    const first = kept && (JSON.parse(kept.toString()) as Readonly<{ given: string; at: string }>);
    if (first && Date.parse(first.at) > this.keptSinceMs()) {
      if (first.given !== given) throw new Refused(refusal('IDEMPOTENCY_KEY_REUSED'));
      return;
    }
    if (first) await this.vault.delete(entryId);
    const now = this.clock.now();
    await this.sweep(now);
    if (!this.mayLeave(caller)) return;
    const entry = Buffer.from(JSON.stringify({ given, at: now.toISOString() }));
    if (!(await this.vault.add(entryId, INPUT, entry, now))) await this.assertSameInput(caller);
  }

  private mayLeave({ session, clientAddress }: Caller): boolean {
    if (session) return true;
    if (this.leftBy.size >= ADDRESSES_MAX) this.leftBy.clear();
    const left = (this.leftBy.get(clientAddress) ?? 0) + 1;
    this.leftBy.set(clientAddress, left);
    return left <= STRANGERS_MAX;
  }

  private async keep(caller: Caller, refused: Refusal): Promise<void> {
    const { commandId, fingerprint } = caller;
    const now = this.clock.now();
    await this.sweep(now);
    if (!this.mayLeave(caller)) return;
    const kept: Kept = { fingerprint, refusal: refused, at: now.toISOString() };
    await this.vault.put(commandId, PURPOSE, Buffer.from(JSON.stringify(kept)), now);
  }

  private async sweep(now: Date): Promise<void> {
    if (now.getTime() - this.sweptAtMs < SWEEP_EVERY_MS) return;
    this.sweptAtMs = now.getTime();
    this.leftBy.clear();
    for (const purpose of [PURPOSE, INPUT]) await this.vault.deleteOlder(purpose, new Date(this.keptSinceMs()));
  }

  private keptSinceMs(): number {
    return this.clock.now().getTime() - KEPT_FOR_MS;
  }
}
