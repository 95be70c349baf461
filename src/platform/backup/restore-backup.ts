import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Keyring } from '../vault/keyring.js';
import { assertMadeWith, type Manifest, readManifest, sha256Of } from './manifest.js';
import type { DataFolder, Part } from './parts.js';
import { syncFile } from './snapshots.js';

const UNFINISHED = 'restore-unfinished';
/** The key ring may wait there for the data that belongs to it. */
const MAY_BE_THERE = ['keys'];

export type RestoreOrder = Readonly<{ source: string; dataDir: string; folder: DataFolder; keyring: Keyring }>;

/** Everything that can be known of a backup without touching anything. */
export const checkBackup = async (source: string, folder: DataFolder, keyring: Keyring): Promise<Manifest> => {
  const manifest = readManifest(source);
  assertMadeWith(manifest, keyring);
  for (const { path } of folder.parts.filter(({ optional }) => !optional))
    if (!manifest.files.some((file) => file.path === path)) throw new Error(`${source} does not hold ${path}`);
  for (const file of manifest.files) {
    const part = folder.parts.find(({ path }) => path === file.path);
    if (!part) throw new Error(`${source} holds ${file.path}, which this program does not know; use the newer program`);
    await assertWhole(source, file, part);
  }
  return manifest;
};

/** Puts the data of a backup into an empty folder. */
export const restoreBackup = async ({ source, dataDir, folder, keyring }: RestoreOrder): Promise<Manifest> => {
  const manifest = await checkBackup(source, folder, keyring);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const others = readdirSync(dataDir).filter((name) => !MAY_BE_THERE.includes(name));
  if (others.length > 0)
    throw new Error(`${dataDir} is not empty (${others.slice(0, 3).join(', ')}); move it away, nothing was restored`);
  const marker = join(dataDir, UNFINISHED);
  writeFileSync(marker, `${source}\n`, { mode: 0o600, flush: true });
  for (const file of manifest.files) {
    const target = join(dataDir, file.path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    copyFileSync(join(source, file.path), target);
    chmodSync(target, 0o600);
    syncFile(target);
    await assertWhole(
      dataDir,
      file,
      folder.parts.find(({ path }) => path === file.path)!,
    );
    syncFile(dirname(target));
  }
  endSessions(join(dataDir, folder.parts[0]!.path));
  rmSync(marker);
  syncFile(dataDir);
  return manifest;
};

const assertWhole = async (folder: string, file: Manifest['files'][number], { check }: Part): Promise<void> => {
  const path = join(folder, file.path);
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  if (statSync(path).size !== file.bytes || (await sha256Of(path)) !== file.sha256)
    throw new Error(`${path} is damaged: it is not what was backed up`);
  const says = check(path);
  if (says !== file.says) throw new Error(`${path} is damaged: ${says} instead of ${file.says}`);
};

/** Who logged out after the moment of the backup must not be logged in again. */
const endSessions = (secrets: string): void => {
  const database = new DatabaseSync(secrets);
  try {
    database.exec('PRAGMA synchronous = FULL; DELETE FROM sessions');
  } finally {
    database.close();
  }
};

/** A folder that a restore left half-way holds data, but not all of it. */
export const assertRestoreFinished = (dataDir: string): void => {
  if (existsSync(join(dataDir, UNFINISHED)))
    throw new Error(`${dataDir} was not restored to the end; empty it and restore again`);
};
