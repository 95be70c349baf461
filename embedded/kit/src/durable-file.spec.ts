import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DamagedFile, NewerFile, openDurableFile } from './durable-file.js';

const APPLICATION_ID = 0x5348_5454;
const CREATE = 'CREATE TABLE t (a INTEGER)';
const EXTEND = "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'old'";

const freshFile = (): string => join(mkdtempSync(join(tmpdir(), 'durable-file-')), 'x.db');
const open = (file: string, migrations: string[], applicationId = APPLICATION_ID) =>
  openDurableFile({ file, applicationId, migrations });

describe('a durable file', () => {
  it('syncs every commit to the disk', () => {
    const db = open(freshFile(), [CREATE]);
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    db.close();
  });

  it('is carried from one schema to the next, with its rows', () => {
    const file = freshFile();
    const before = open(file, [CREATE]);
    before.exec('INSERT INTO t VALUES (1)');
    before.close();
    const after = open(file, [CREATE, EXTEND]);
    expect(
      after
        .prepare('SELECT * FROM t')
        .all()
        .map((row) => ({ ...row })),
    ).toEqual([{ a: 1, b: 'old' }]);
    after.close();
  });

  it('written by a newer program is left alone', () => {
    const file = freshFile();
    open(file, [CREATE, EXTEND]).close();
    expect(() => open(file, [CREATE])).toThrow(NewerFile);
    open(file, [CREATE, EXTEND]).close();
  });

  it('stays at its schema when a step fails', () => {
    const file = freshFile();
    open(file, [CREATE]).close();
    expect(() => open(file, [CREATE, `${EXTEND}; CREATE TABLE t (a INTEGER)`])).toThrow('already exists');
    const db = open(file, [CREATE]);
    expect(db.prepare('SELECT count(*) AS columns FROM pragma_table_info(?)').get('t')).toEqual({ columns: 1 });
    db.close();
  });

  it('of another program, or no SQLite file at all, is refused as damaged', () => {
    const file = freshFile();
    open(file, [CREATE], 0x1234_5678).close();
    expect(() => open(file, [CREATE])).toThrow(DamagedFile);
    const noise = freshFile();
    writeFileSync(noise, 'not a database, but long enough to be taken for one'.repeat(100));
    expect(() => open(noise, [CREATE])).toThrow(DamagedFile);
  });

  it('can be read by its owner only, and so can what SQLite lays beside it', () => {
    const file = freshFile();
    const db = open(file, [CREATE]);
    db.exec('INSERT INTO t VALUES (1)');
    const folder = join(file, '..');
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o077);
    expect(modes.length).toBeGreaterThan(1);
    expect(modes.every((mode) => mode === 0)).toBe(true);
    db.close();
  });
});
