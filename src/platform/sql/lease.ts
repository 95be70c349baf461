import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.js';

const TRY_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 2_000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whichever tables; it touches none
type AnyTables = any;

type Limits = Readonly<{ tryEveryMs: number; lookEveryMs: number }>;

/**
 * Work that one process at a time does, while others stand by to take it over. It is a lock of a connection to PostgreSQL, which
 * the server gives up when the connection breaks, however the process ended. A SQLite file belongs to one process
 * anyway, so there the work is taken at once.
 */
export class Lease {
  held = false;
  private readonly stopping = new AbortController();
  private readonly taken = Promise.withResolvers<void>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database<AnyTables>,
    private readonly name: string,
    /** The lock is gone, and another process may be at work: this one must not go on. */
    private readonly onLost: (error: unknown) => void,
    private readonly limits: Limits = { tryEveryMs: TRY_EVERY_MS, lookEveryMs: LOOK_EVERY_MS },
  ) {}

  /** Resolves when the work is this process's. */
  take(): Promise<void> {
    if (this.database.kind === 'sqlite') this.begin();
    else this.running = this.run();
    return this.taken.promise;
  }

  async release(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.held = false;
  }

  private begin(): void {
    this.held = true;
    this.taken.resolve();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.database.write.connection().execute((connection) => this.holdOn(connection));
      } catch (error) {
        if (this.held) {
          this.held = false;
          return this.onLost(error);
        }
      }
      await this.pause(this.limits.tryEveryMs);
    }
  }

  private async holdOn(connection: Kysely<AnyTables>): Promise<void> {
    const key = sql`hashtext('shomei lease'), hashtext(${this.name})`;
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_lock(${key}) as mine`.execute(connection);
    if (!rows[0]!.mine) return;
    this.begin();
    while (!this.stopping.signal.aborted) {
      await this.pause(this.limits.lookEveryMs);
      await sql`select 1`.execute(connection);
    }
    await sql`select pg_advisory_unlock(${key})`.execute(connection);
  }

  private async pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
