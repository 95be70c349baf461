import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Keyring } from '../vault/keyring.js';
import { type Manifest, sha256Of, type Unproved, writeManifest } from './manifest.js';
import type { DataFolder, Part } from './parts.js';
import { holdSnapshots, syncFile } from './snapshots.js';

export const KEYS_FILE = 'keys/keyring.json';

export type BackupOrder = Readonly<{
  dataDir: string;
  target: string;
  folder: DataFolder;
  keyring: Keyring;
  /** The key ring's file, where somebody asked to have the keys beside what they open. */
  keyFile: string | null;
  productVersion: string;
  now: Date;
}>;

/** Copies the data of a running or stopped service as it is at one moment. */
export const makeBackup = async (order: BackupOrder): Promise<Unproved> => {
  const { dataDir, target, folder, keyring, keyFile } = order;
  const made = freshFolder(dataDir, target);
  try {
    const parts = folder.parts.filter(({ path, optional }) => !optional || existsSync(join(dataDir, path)));
    const files = await copied(parts, dataDir, target);
    const needed = keysNeededBy(join(target, folder.parts[0]!.path));
    const lacking = needed.filter((id) => !keyring.has(id));
    if (lacking.length > 0)
      throw new Error(`the key ring lacks ${lacking.join(', ')}, which the secrets are sealed with`);
    if (keyFile !== null) copyKeys(keyFile, join(target, KEYS_FILE));
    const content: Unproved = {
      productVersion: order.productVersion,
      nodeVersion: process.versions.node,
      takenAt: order.now.toISOString(),
      files,
      keys: { included: keyFile !== null, needed, mark: keyring.mark },
      leftOut: unknownIn(dataDir, folder),
    };
    writeManifest(target, content, keyring);
    syncFile(target);
    return content;
  } catch (error) {
    // Half a backup must not be taken for one; what was in the folder before us is not ours to remove.
    for (const entry of readdirSync(target)) rmSync(join(target, entry), { recursive: true });
    if (made) rmSync(target, { recursive: true });
    throw error;
  }
};

const freshFolder = (dataDir: string, target: string): boolean => {
  const inside = relative(resolve(dataDir), resolve(target));
  if (inside === '' || !(inside.startsWith('..') || inside.startsWith(sep)))
    throw new Error(`${target} lies within the data folder; a backup belongs on another disk`);
  const made = mkdirSync(target, { recursive: true, mode: 0o700 }) !== undefined;
  if (readdirSync(target).length > 0) throw new Error(`${target} is not empty; name a new folder for each backup`);
  return made;
};

const copied = async (parts: readonly Part[], dataDir: string, target: string): Promise<Manifest['files']> => {
  const [first, ...rest] = parts.map(({ path }) => join(dataDir, path));
  const snapshots = holdSnapshots([first!, ...rest]);
  try {
    const files: Manifest['files'] = [];
    for (const [index, { path, check }] of parts.entries()) {
      const file = join(target, path);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      await snapshots[index]!.copyTo(file);
      // A copy that cannot be read is found now, while the original still can.
      const says = check(file);
      files.push({ path, bytes: statSync(file).size, sha256: await sha256Of(file), says });
    }
    return files;
  } finally {
    for (const snapshot of snapshots) snapshot.release();
  }
};

const keysNeededBy = (secrets: string): string[] => {
  const database = new DatabaseSync(secrets, { readOnly: true });
  try {
    const rows = database.prepare('SELECT DISTINCT key_id FROM vault_entries ORDER BY key_id').all();
    return rows.map((row) => String(row['key_id']));
  } finally {
    database.close();
  }
};

const copyKeys = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(from, to);
  syncFile(to);
};

/** What somebody else put into the data folder is not copied, and not passed over in silence either. */
const unknownIn = (dataDir: string, { parts, notCopied }: DataFolder): string[] => {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(dataDir, join(parentPath, name)).split(sep).join('/'));
  const known = parts.flatMap(({ path }) => [path, `${path}-wal`, `${path}-shm`]);
  return files.filter((file) => !known.includes(file) && !notCopied.some((pattern) => pattern.test(file))).sort();
};
