import { chmodSync, closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';

const BUSY_TIMEOUT_MS = 5_000;
/** Between two steps others get their turn at the disk. */
const PAGES_PER_STEP = 1_000;

/** One SQLite file as it was at one moment, while its owner goes on writing. */
export type Snapshot = Readonly<{ copyTo: (target: string) => Promise<void>; release: () => void }>;

/**
 * Holds several files of a running service as they were at one moment.
 *
 * While they are taken, in the order given, nobody may write to the first. So what is written to the first file
 * stands still for all the others, and what is in a later file may be newer than an earlier one, never older. The lock is
 * held for opening transactions, not for copying: microseconds, whatever the size.
 */
export const holdSnapshots = (files: readonly [first: string, ...rest: string[]]): readonly Snapshot[] => {
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing} does not exist`);
  const readers = files.map((file) => new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS }));
  const lock = new DatabaseSync(files[0], { timeout: BUSY_TIMEOUT_MS });
  try {
    lock.exec('BEGIN IMMEDIATE');
    for (const reader of readers) {
      reader.exec('BEGIN');
      // The transaction sees a moment from its first read on, not from its beginning.
      reader.prepare('SELECT count(*) FROM sqlite_schema').get();
    }
    lock.exec('ROLLBACK');
    return readers.map(snapshotOf);
  } catch (error) {
    for (const reader of readers) reader.close();
    throw error;
  } finally {
    lock.close();
  }
};

const snapshotOf = (reader: DatabaseSync): Snapshot => ({
  copyTo: async (target) => {
    closeSync(openSync(target, 'wx', 0o600));
    await backup(reader, target, { rate: PAGES_PER_STEP });
    const copy = new DatabaseSync(target);
    // One file that is complete by itself: nothing of it may wait in a -wal beside it.
    copy.exec('PRAGMA journal_mode = DELETE');
    copy.close();
    chmodSync(target, 0o600);
    syncFile(target);
  },
  release: () => reader.close(),
});

export const syncFile = (path: string): void => {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** What SQLite itself finds wrong with a file; null where it is whole. */
export const damageOf = (file: string): string | null => {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const found = Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0];
      return found === 'ok' ? null : String(found);
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
};
