import type { DatabaseSync } from 'node:sqlite';
import { openDurableFile } from '@shomei/embedded-kit';
import { APPLICATION_ID, MIGRATIONS } from './schema.js';

/**
 * Pages of 4 KiB in the write-ahead log before they are copied to the file itself. The same pages are written again and
 * again, so fewer and larger copies write less; what is paid for it is a write-ahead log of 16 MiB.
 */
const CHECKPOINT_PAGES = 4_000;

export const openLogFile = (file: string): DatabaseSync => {
  const db = openDurableFile({ file, applicationId: APPLICATION_ID, migrations: MIGRATIONS });
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  return db;
};

/** For tools that only look, also while a node is writing. */
export const openLogFileToRead = (file: string): DatabaseSync =>
  openDurableFile({ file, applicationId: APPLICATION_ID, migrations: MIGRATIONS, readOnly: true });
