import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import type { Keyring } from '../vault/keyring.js';
import { CHARACTERS } from './glyphs.js';
import { pictureOf } from './picture.js';
import { type Sum, sumOf } from './sum.js';
import { migrate, type Step } from '../sql/migrations.js';

export type ChallengeTables = { spent_challenges: { challenge_id: string; expires_at_ms: number } };

const LENGTH = 6;
const LIFE_MS = 10 * 60_000;
const FORM = /^[0-9a-z]{6,12}-[0-9a-f]{32}$/;

const expiresAtMsOf = (challengeId: string): number => parseInt(challengeId.split('-', 1)[0]!, 36);
const equal = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('spent_challenges')
        .ifNotExists()
        .addColumn('challenge_id', 'text', (c) => c.primaryKey())
        .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
];

/**
 * Pictures of characters that a person reads and a program hardly does. Picture and answer are derived from the
 * challenge's name, so no answer is kept anywhere; what is kept is which names were tried, for as long as they live.
 */
export class Challenges {
  constructor(
    private readonly db: Kysely<ChallengeTables>,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  prepare(): Promise<void> {
    return migrate(this.db, 'challenges', STEPS);
  }

  create(): string {
    const expiresAt = (this.clock.now().getTime() + LIFE_MS).toString(36);
    return `${expiresAt}-${randomBytes(16).toString('hex')}`;
  }

  /** Null where the name is none of ours or its time is over. */
  picture(challengeId: string): Buffer | null {
    return this.lives(challengeId) ? pictureOf(this.textOf(challengeId), this.bytes('picture', challengeId)) : null;
  }

  sum(challengeId: string): Sum | null {
    return this.lives(challengeId) ? sumOf(this.bytes('sum', challengeId)) : null;
  }

  /** One try each, right or wrong: the answer to a picture is refused from then on. */
  async isSolved(challengeId: string, answer: string): Promise<boolean> {
    if (!this.lives(challengeId) || !(await this.spend(challengeId))) return false;
    const given = answer.toLowerCase();
    const byEye = equal(given, this.textOf(challengeId));
    const byEar = equal(given, sumOf(this.bytes('sum', challengeId)).answer);
    return byEye || byEar;
  }

  /** What the picture shows; for the tests, which have no eyes. */
  textOf(challengeId: string): string {
    const bytes = this.bytes('text', challengeId);
    return Array.from({ length: LENGTH }, (_, index) => CHARACTERS[bytes[index]! % CHARACTERS.length]!).join('');
  }

  private lives(challengeId: string): boolean {
    if (!FORM.test(challengeId)) return false;
    const leftMs = expiresAtMsOf(challengeId) - this.clock.now().getTime();
    // A name that promises itself a longer life would be remembered as tried for as long.
    return leftMs > 0 && leftMs <= LIFE_MS;
  }

  private async spend(challengeId: string): Promise<boolean> {
    const now = this.clock.now().getTime();
    await this.db.deleteFrom('spent_challenges').where('expires_at_ms', '<', now).execute();
    const row = { challenge_id: challengeId, expires_at_ms: expiresAtMsOf(challengeId) };
    const spent = this.db
      .insertInto('spent_challenges')
      .values(row)
      .onConflict((c) => c.doNothing());
    return Number((await spent.executeTakeFirst()).numInsertedOrUpdatedRows ?? 0) === 1;
  }

  private bytes(purpose: string, challengeId: string): Buffer {
    return this.keyring.derive('challenge', purpose, challengeId);
  }
}
