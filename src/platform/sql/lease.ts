import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.js';
import { isDatabaseUnavailable } from './unavailable.js';

const TRY_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 2_000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whichever tables; it touches none
type AnyTables = any;

type Limits = Readonly<{ tryEveryMs: number; lookEveryMs: number }>;

export type Work = Readonly<{
  begin: () => Promise<void>;
  /** The lock is gone, and another process may be at work: when this resolves nothing of it is under way any more. */
  end: () => Promise<void>;
}>;

/**
 * Work that one process at a time does, while others stand by to take it over. It is a lock of a connection to PostgreSQL, which
 * the server gives up when the connection breaks, however the process ended; the process that lost it ends its work and
 * then asks for it again like the others. A SQLite file belongs to one process anyway, so there the work is taken at once.
 */
export class Lease {
  /** From the moment the work is this process's until it is given back or lost. */
  held = false;
  private readonly stopping = new AbortController();
  private readonly begun = Promise.withResolvers<void>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database<AnyTables>,
    private readonly name: string,
    private readonly work: Work,
    private readonly limits: Limits = { tryEveryMs: TRY_EVERY_MS, lookEveryMs: LOOK_EVERY_MS },
  ) {}

  /** Resolves when the work was begun for the first time; rejects when it cannot be. */
  take(): Promise<void> {
    this.running = this.database.kind === 'sqlite' ? this.begin() : this.run();
    this.running.catch((error: unknown) => this.begun.reject(error));
    return this.begun.promise;
  }

  /** Rejects when the work cannot be done by this process, also later, when it takes it again. */
  get ended(): Promise<void> {
    return this.running;
  }

  async release(): Promise<void> {
    this.stopping.abort();
    await this.running.catch(() => undefined);
    await this.end();
  }

  private async begin(): Promise<void> {
    this.held = true;
    await this.work.begin();
    this.begun.resolve();
  }

  private async end(): Promise<void> {
    if (!this.held) return;
    await this.work.end();
    this.held = false;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.database.write.connection().execute((connection) => this.holdOn(connection));
      } catch (error) {
        // A database that is away comes back; what else goes wrong would go wrong again.
        if (!isDatabaseUnavailable(error)) throw error;
        if (!this.stopping.signal.aborted) await this.end();
      }
      await this.pause(this.limits.tryEveryMs);
    }
  }

  private async holdOn(connection: Kysely<AnyTables>): Promise<void> {
    const key = sql`hashtext('shomei lease'), hashtext(${this.name})`;
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_lock(${key}) as mine`.execute(connection);
    if (!rows[0]!.mine) return;
    await this.begin();
    while (!this.stopping.signal.aborted) {
      await this.pause(this.limits.lookEveryMs);
      await sql`select 1`.execute(connection);
    }
    // Not before: who takes the lock must find nobody at work.
    await this.end();
    await sql`select pg_advisory_unlock(${key})`.execute(connection);
  }

  private async pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
