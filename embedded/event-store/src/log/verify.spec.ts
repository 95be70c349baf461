import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { backupLog } from './backup.js';
import { EventLog } from './event-log.js';
import type { NewEvent } from './event.js';
import { verifyLog } from './verify.js';

const event = (data: string): NewEvent => ({
  id: crypto.getRandomValues(new Uint8Array(16)),
  type: 'Noted',
  isJson: true,
  data: Buffer.from(data),
  metadata: Buffer.alloc(0),
});

/** A log of 30 events in three streams, closed. */
const aLog = async (): Promise<string> => {
  const file = join(mkdtempSync(join(tmpdir(), 'verify-')), 'events.db');
  const log = new EventLog({ file });
  for (let index = 0; index < 30; index++) await log.append(`stream-${index % 3}`, 'any', [event(`note ${index}`)]);
  log.close();
  return file;
};

/** Does to the file what no program of ours would. */
const tamper = (file: string, sql: string): void => {
  const db = new DatabaseSync(file);
  db.exec(
    `${['events_are_never_changed', 'events_are_never_removed', 'streams_are_never_changed', 'streams_are_never_removed'].map((name) => `DROP TRIGGER ${name};`).join(' ')} PRAGMA foreign_keys = OFF; ${sql}`,
  );
  db.close();
};

describe('verify', () => {
  it('finds nothing wrong with a sound log, even while it is being written', async () => {
    const file = await aLog();
    expect(verifyLog(file)).toEqual({ ok: true, events: 30, streams: 3, faults: [], faultCount: 0 });
    const log = new EventLog({ file });
    await log.append('stream-3', 'noStream', [event('one more')]);
    expect(verifyLog(file)).toMatchObject({ ok: true, events: 31, streams: 4 });
    log.close();
  });

  it.each([
    ["UPDATE events SET data = x'00' WHERE position = 7", 'event 7 is not what was recorded (checksum)'],
    ["UPDATE events SET type = 'Forged' WHERE position = 8", 'event 8 is not what was recorded (checksum)'],
    ["UPDATE streams SET name = 'renamed' WHERE name = 'stream-0'", 'event 1 is not what was recorded (checksum)'],
    ['DELETE FROM events WHERE position = 9', 'positions 9 to 9 are missing'],
    ['DELETE FROM events WHERE position = 9', 'event 12 is revision 3 of stream stream-2, where 2 is due'],
    ['DELETE FROM streams WHERE id = 1', 'a row of events belongs to a missing row of streams'],
  ])('after %s reports: %s', async (sql, fault) => {
    const file = await aLog();
    tamper(file, sql);
    const verification = verifyLog(file);
    expect(verification.ok).toBe(false);
    expect(verification.faults).toContain(fault);
  });

  it('reports a file whose bytes were damaged or cut off', async () => {
    const file = await aLog();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length / 2));
    expect(verifyLog(file).ok).toBe(false);
    writeFileSync(file, bytes.fill(0xff, 4096, 8192));
    expect(verifyLog(file).ok).toBe(false);
  });

  it('shows the first faults of many and counts them all', async () => {
    const file = await aLog();
    tamper(file, "UPDATE events SET data = x'00'");
    const verification = verifyLog(file);
    expect(verification.faults).toHaveLength(20);
    expect(verification.faultCount).toBe(30);
  });
});

describe('backup', () => {
  it('copies the log while it is in use, whole and readable by its owner only', async () => {
    const file = await aLog();
    const log = new EventLog({ file });
    await log.append('stream-0', 'any', [event('not yet checkpointed')]);
    const target = `${file}.backup`;
    expect(backupLog(file, target)).toMatchObject({ ok: true, events: 31 });
    await log.append('stream-0', 'any', [event('after the backup')]);
    log.close();
    expect(verifyLog(target)).toMatchObject({ ok: true, events: 31, streams: 3 });
    expect(statSync(target).mode & 0o077).toBe(0);
  });

  it('serves as a log again', async () => {
    const file = await aLog();
    const restored = join(mkdtempSync(join(tmpdir(), 'restored-')), 'events.db');
    backupLog(file, `${file}.backup`);
    copyFileSync(`${file}.backup`, restored);
    const log = new EventLog({ file: restored });
    expect(log.head).toBe(30);
    expect(await log.append('stream-0', 9, [event('goes on')])).toMatchObject({ kind: 'appended', position: 31 });
    log.close();
  });

  it('never replaces a file and never names a damaged copy', async () => {
    const file = await aLog();
    const target = `${file}.backup`;
    writeFileSync(target, 'precious');
    expect(() => backupLog(file, target)).toThrow('exists already');
    expect(readFileSync(target, 'utf8')).toBe('precious');
    rmSync(target);
    tamper(file, 'DELETE FROM events WHERE position = 9');
    expect(() => backupLog(file, target)).toThrow('cannot be backed up as it is: positions 9 to 9 are missing');
    expect(() => statSync(target)).toThrow('ENOENT');
  });
});
