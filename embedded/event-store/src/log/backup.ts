import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openLogFileToRead } from './log-file.js';
import { verifyLog, type Verification } from './verify.js';

/**
 * Copies the log as it is at one moment, while the node goes on serving. The copy is verified and on the disk before
 * it gets its name, so a file under that name is always a whole backup.
 */
export const backupLog = (file: string, target: string): Verification => {
  const destination = resolve(target);
  if (!existsSync(file)) throw new Error(`there is no log at ${file}`);
  if (!existsSync(dirname(destination))) throw new Error(`there is no folder ${dirname(destination)}; make it first`);
  refuseExisting(destination);
  const unfinished = `${destination}.unfinished-${process.pid}`;
  try {
    const verification = copyVerified(file, unfinished);
    publish(unfinished, destination);
    return verification;
  } finally {
    rmSync(unfinished, { force: true });
  }
};

const refuseExisting = (destination: string): void => {
  if (existsSync(destination)) throw new Error(`${destination} exists already; choose another name`);
};

const copyVerified = (file: string, copy: string): Verification => {
  closeSync(openSync(copy, 'wx', 0o600));
  const db = openLogFileToRead(file);
  try {
    db.prepare('VACUUM INTO ?').run(copy);
  } finally {
    db.close();
  }
  const verification = verifyLog(copy);
  if (!verification.ok) throw new Error(`the log cannot be backed up as it is: ${verification.faults[0]}`);
  return verification;
};

/** A link, because it fails where a file of that name has come up meanwhile; a rename would replace it. */
const publish = (copy: string, destination: string): void => {
  sync(copy);
  try {
    linkSync(copy, destination);
  } catch (error) {
    refuseExisting(destination);
    throw error;
  }
  sync(dirname(destination));
};

const sync = (path: string): void => {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
};
