import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ensurePrivateFile } from './private-file.js';

/** The file cannot be trusted; nothing of it is served. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/** The file was written by a newer program; an older one must not touch it. */
export class NewerFile extends Error {
  override readonly name = 'NewerFile';
}

export interface DurableFileOptions {
  readonly file: string;
  /** Four bytes that say whose file this is (SQLite's `application_id`), so that a wrong file is never migrated. */
  readonly applicationId: number;
  /** Step n brings a file from version n to n+1. Steps are never edited once released. */
  readonly migrations: readonly string[];
  readonly cacheKiB?: number;
  /** For tools that only look: opens without migrating and without write access. */
  readonly readOnly?: boolean;
}

/** Opens one SQLite file so that a committed transaction survives a power cut, and brings its schema up to date. */
export const openDurableFile = (options: DurableFileOptions): DatabaseSync => {
  const readOnly = options.readOnly ?? false;
  // SQLite gives its -wal and -shm files the permissions of the main file: made here, none is ever readable by others.
  if (!readOnly) ensurePrivateFile(options.file);
  else if (!existsSync(options.file)) throw new DamagedFile(`${options.file} does not exist`);
  const db = new DatabaseSync(options.file, { timeout: 5000, readOnly });
  try {
    if (!readOnly) {
      // fullfsync matters on macOS only, where a plain fsync stops short of the disk.
      db.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA journal_size_limit = 67108864',
      );
    }
    db.exec(`PRAGMA cache_size = -${options.cacheKiB ?? 16_384}; PRAGMA trusted_schema = OFF`);
    migrate(db, options);
    return db;
  } catch (error) {
    db.close();
    const damage = damageIn(error);
    throw damage === undefined ? error : new DamagedFile(`${options.file}: ${damage.message}`);
  }
};

const pragma = (db: DatabaseSync, name: string): number =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

const migrate = (db: DatabaseSync, { file, applicationId, migrations, readOnly }: DurableFileOptions): void => {
  const foundId = pragma(db, 'application_id');
  const version = pragma(db, 'user_version');
  const isNew = foundId === 0 && version === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (!isNew && foundId !== applicationId) throw new DamagedFile(`${file} is not a file of this program`);
  if (version > migrations.length) {
    throw new NewerFile(
      `${file} has schema ${version}, this program knows ${migrations.length}: use the newer program`,
    );
  }
  if (readOnly) return;
  for (let step = version; step < migrations.length; step++) {
    db.exec(`BEGIN IMMEDIATE; ${migrations[step]};
      PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${step + 1}; COMMIT`);
  }
};

const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Extended result codes keep the primary code in their low byte. */
const primaryCode = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff;

/** The disk did not do what it was asked: what it holds now is not known. A full disk is not meant. */
export const isDiskFailure = (error: unknown): boolean => primaryCode(error) === SQLITE_IOERR;

/** The damage that an error of SQLite speaks of, if it does. */
export const damageIn = (error: unknown): DamagedFile | undefined => {
  if (error instanceof DamagedFile) return error;
  const code = primaryCode(error);
  if (code !== SQLITE_CORRUPT && code !== SQLITE_NOTADB) return undefined;
  return new DamagedFile(`the file is damaged: ${(error as Error).message}`);
};
