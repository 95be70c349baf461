import type { DatabaseSync } from 'node:sqlite';

/** The group was rolled back whole; each of its appends may be tried again. */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed';
}

interface Job {
  run(): unknown;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface GroupCommitHooks {
  /** After the commit and before anybody is answered: memory may now follow the disk. */
  committed(): void;
  /**
   * After a failure and before anybody is answered: what memory ran ahead must be forgotten. Returns what the waiting
   * are told. When even rolling back failed, the transaction is still open.
   */
  abandoned(cause: Error, rolledBack: boolean): Error;
}

/** So many groups of one after another mean that the next will be one too. */
const LONE_IN_A_ROW = 16;

/**
 * One durable transaction per turn of the event loop, for all who asked during the turn. Nobody is answered before
 * the commit is on the disk, and when it fails nobody's work is kept. Where everybody has been alone for some time, the
 * end of the turn is not waited for.
 */
export class GroupCommit {
  private waiting: Job[] = [];
  /** Groups of one, one after another. */
  private loneInARow = 0;
  private committedInThisTurn = false;
  private readonly db: DatabaseSync;
  private readonly hooks: GroupCommitHooks;
  private readonly begin;
  private readonly commit;
  private readonly rollback;

  constructor(db: DatabaseSync, hooks: GroupCommitHooks) {
    this.db = db;
    this.hooks = hooks;
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.rollback = db.prepare('ROLLBACK');
  }

  /** Runs `work` inside the turn's transaction. */
  submit<Result>(work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ run: work, resolve: resolve, reject });
      if (this.waiting.length > 1) return;
      if (this.isAlone()) this.commitInThisTurn();
      else setImmediate(() => this.flush());
    });
  }

  flush(): void {
    const jobs = this.waiting;
    if (jobs.length === 0) return;
    this.waiting = [];
    this.loneInARow = jobs.length > 1 ? 0 : this.loneInARow + 1;
    const results: unknown[] = [];
    try {
      this.begin.run();
      for (const job of jobs) results.push(job.run());
      this.commit.run();
    } catch (error) {
      this.abandon(jobs, error as Error);
      return;
    }
    this.hooks.committed();
    for (const [index, job] of jobs.entries()) job.resolve(results[index]);
  }

  private isAlone(): boolean {
    // A second one in the same turn: they could have shared a transaction, as those that come now shall.
    if (this.committedInThisTurn) this.loneInARow = 0;
    return this.loneInARow >= LONE_IN_A_ROW;
  }

  private commitInThisTurn(): void {
    this.committedInThisTurn = true;
    setImmediate(() => (this.committedInThisTurn = false));
    this.flush();
  }

  private abandon(jobs: readonly Job[], cause: Error): void {
    const answer = this.hooks.abandoned(cause, this.rollBack());
    for (const job of jobs) job.reject(answer);
  }

  /** Whether no transaction is open any more. */
  private rollBack(): boolean {
    try {
      // Where SQLite has rolled back by itself, as it does when the disk is full, there is nothing left to roll back.
      if (this.db.isTransaction) this.rollback.run();
      return !this.db.isTransaction;
    } catch {
      return false;
    }
  }
}
