import type { DatabaseSync } from 'node:sqlite';

/** Nothing of the group was stored; each of its appends may be tried again. */
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
  /** After a rollback and before anybody is answered: what memory ran ahead must be forgotten. */
  rolledBack(cause: Error): void;
}

/**
 * One durable transaction per turn of the event loop, for all who asked during the turn. Nobody is answered before
 * the commit is on the disk, and when it fails nobody's work is kept.
 */
export class GroupCommit {
  private waiting: Job[] = [];
  private readonly hooks: GroupCommitHooks;
  private readonly begin;
  private readonly commit;
  private readonly rollback;

  constructor(db: DatabaseSync, hooks: GroupCommitHooks) {
    this.hooks = hooks;
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.rollback = db.prepare('ROLLBACK');
  }

  /** Runs `work` inside the turn's transaction. */
  submit<Result>(work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ run: work, resolve: resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  flush(): void {
    const jobs = this.waiting;
    if (jobs.length === 0) return;
    this.waiting = [];
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

  private abandon(jobs: readonly Job[], cause: Error): void {
    try {
      this.rollback.run();
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
    this.hooks.rolledBack(cause);
    for (const job of jobs) job.reject(new CommitFailed(`nothing was stored: ${cause.message}`, { cause }));
  }
}
