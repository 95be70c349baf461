import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ensurePrivateFile, syncFolder } from './private-file.js';

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
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) syncFolder(dirname(path));
  refuseOthersFolder(path);
  const lockFile = join(path, LOCK_FILE);
  ensurePrivateFile(lockFile);
  const lock = new DatabaseSync(lockFile, { timeout: 0 });
  const owner: Owner = { program, pid: process.pid, since: new Date().toISOString() };
  try {
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(join(path, OWNER_FILE), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw new Error(`${path} cannot be taken: ${(error as Error).message}`, { cause: error });
    throw new FolderInUse(`${path} is in use by ${describeOwner(path)}; stop it or choose another folder`);
  }
  return {
    path,
    release: () => {
      rmSync(join(path, OWNER_FILE), { force: true });
      lock.close();
    },
  };
};

/** In a folder that others may write to, they could put their own files in the place of ours. */
const refuseOthersFolder = (path: string): void => {
  const { uid, mode } = statSync(path);
  const isOurs = process.getuid === undefined || uid === process.getuid();
  if (!isOurs) throw new Error(`${path} belongs to another user; choose a folder of your own`);
  if ((mode & 0o022) !== 0) throw new Error(`${path} can be written to by others; take that away: chmod go-w ${path}`);
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
