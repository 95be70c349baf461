import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import type { Database } from '../sql/database.js';
import { migrate, type Step } from '../sql/migrations.js';

type Row = { subject: string; failures: number; next_at_ms: number };
export type AttemptTables = { secret_attempts: Row };

const FREE = 4;
const FIRST_WAIT_MS = 60_000;
const WAIT_MAX_MS = 15 * 60_000;
const RACES_MAX = 20;

/** How long to wait after so many wrong answers in a row: nothing at first, then 1, 2, 4, 8 and at most 15 minutes. */
export const waitAfterMs = (failures: number): number =>
  failures <= FREE ? 0 : Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - FREE - 1, 10), WAIT_MAX_MS);

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('secret_attempts')
        .ifNotExists()
        .addColumn('subject', 'text', (c) => c.primaryKey())
        .addColumn('failures', 'integer', (c) => c.notNull())
        .addColumn('next_at_ms', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
];

/**
 * Slows down whoever guesses at a secret, without ever locking anybody out for good. An attempt is counted as
 * a failure before it is made, so that a hundred at once are not a hundred free ones.
 */
export class Attempts {
  private readonly db: Kysely<AttemptTables>;

  constructor(
    { write }: Database<AttemptTables>,
    private readonly clock: Clock,
  ) {
    this.db = write;
  }

  prepare(): Promise<void> {
    return migrate(this.db, 'attempts', STEPS);
  }

  /** Null: go ahead, and tell `succeeded` if the secret was right. Otherwise the refusal that says when to come back. */
  async admit(subject: string, code: 'TOO_MANY_PINS' | 'TOO_MANY_TRIES' = 'TOO_MANY_PINS'): Promise<Refusal | null> {
    for (let race = 0; race < RACES_MAX; race += 1) {
      const now = this.clock.now().getTime();
      const known = await this.rowOf(subject);
      if (known && known.next_at_ms > now)
        return refusal(code, { retryAfterSeconds: Math.ceil((known.next_at_ms - now) / 1000) });
      const failures = (known?.failures ?? 0) + 1;
      const row = { failures, next_at_ms: now + waitAfterMs(failures) };
      if (known ? await this.replaced(known, row) : await this.inserted({ subject, ...row })) return null;
    }
    // So many at once on one secret are no person.
    return refusal(code, { retryAfterSeconds: FIRST_WAIT_MS / 1000 });
  }

  async succeeded(subject: string): Promise<void> {
    await this.db.deleteFrom('secret_attempts').where('subject', '=', subject).execute();
  }

  private rowOf(subject: string): Promise<Row | undefined> {
    return this.db.selectFrom('secret_attempts').selectAll().where('subject', '=', subject).executeTakeFirst();
  }

  private async inserted(row: Row): Promise<boolean> {
    const insert = this.db
      .insertInto('secret_attempts')
      .values(row)
      .onConflict((c) => c.doNothing());
    return (await insert.executeTakeFirst()).numInsertedOrUpdatedRows === 1n;
  }

  /** Only if nobody else counted in between. */
  private async replaced({ subject, failures, next_at_ms }: Row, by: Omit<Row, 'subject'>): Promise<boolean> {
    const update = this.db
      .updateTable('secret_attempts')
      .set(by)
      .where('subject', '=', subject)
      .where('failures', '=', failures)
      .where('next_at_ms', '=', next_at_ms);
    return (await update.executeTakeFirst()).numUpdatedRows === 1n;
  }
}
