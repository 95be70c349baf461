import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ensurePrivateFile } from './private-file.js';

/** The folder belongs to a running program; the message says to which. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

export interface OwnedFolder {
  readonly path: string;
  release(): void;
}

interface Owner {
  readonly program: string;
  readonly pid: number;
  readonly since: string;
}

const LOCK_FILE = 'owner.lock';
const OWNER_FILE = 'owner.json';

/**
 * Takes a data folder for this process alone until `release` or death.
 *
 * The lock is an open exclusive transaction on a tiny SQLite file: Node has no file locks of its own, and this one
 * is the kernel's, so `kill -9` frees it and a stale pid file can never lock anybody out. `owner.json` only tells
 * the second-comer whom to look for.
 */
export const ownFolder = (folder: string, program: string): OwnedFolder => {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lockFile = join(path, LOCK_FILE);
  ensurePrivateFile(lockFile);
  const lock = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error))
      throw new FolderInUse(`${path} is in use by ${describeOwner(path)}; stop it or choose another folder`);
    throw error;
  }
  const owner: Owner = { program, pid: process.pid, since: new Date().toISOString() };
  writeFileSync(join(path, OWNER_FILE), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  return {
    path,
    release: () => {
      rmSync(join(path, OWNER_FILE), { force: true });
      lock.close();
    },
  };
};

const SQLITE_BUSY = 5;
const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === SQLITE_BUSY;

const describeOwner = (path: string): string => {
  try {
    const owner = JSON.parse(readFileSync(join(path, OWNER_FILE), 'utf8')) as Owner;
    return `${owner.program}, process ${owner.pid}, since ${owner.since}`;
  } catch {
    return 'a program that is just starting or stopping';
  }
};
