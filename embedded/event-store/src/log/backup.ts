import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openDurableFile } from '@shomei/embedded-kit';
import { APPLICATION_ID, MIGRATIONS } from './schema.js';
import { verifyLog, type Verification } from './verify.js';

/**
 * Copies the log as it is at one moment, while the node goes on serving. The copy is verified and on the disk before
 * it gets its name, so a file under that name is always a whole backup.
 */
export const backupLog = (file: string, target: string): Verification => {
  const destination = resolve(target);
  if (existsSync(destination)) throw new Error(`${destination} exists already; choose another name`);
  const unfinished = `${destination}.unfinished`;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, 'a', 0o600));
  const db = openDurableFile({ file, applicationId: APPLICATION_ID, migrations: MIGRATIONS, readOnly: true });
  try {
    db.prepare('VACUUM INTO ?').run(unfinished);
  } finally {
    db.close();
  }
  const verification = verifyLog(unfinished);
  if (!verification.ok) {
    throw new Error(
      `the log cannot be backed up as it is: ${verification.faults[0]} (the copy is left at ${unfinished})`,
    );
  }
  sync(unfinished);
  renameSync(unfinished, destination);
  sync(dirname(destination));
  return verification;
};

const sync = (path: string): void => {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
};
