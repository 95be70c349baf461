import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDurableFile } from '@shomei/embedded-kit';
import { backupLog } from './backup.js';
import { checksum } from './checksum.js';
import type { NewEvent } from './event.js';
import { EventLog } from './event-log.js';
import { APPLICATION_ID, MIGRATIONS } from './schema.js';
import { verifyLog } from './verify.js';

const STREAMS = 2;
const EVENTS = 10;

const idOf = (position: number): Uint8Array => new Uint8Array(16).fill(position);

const noted = (position: number): NewEvent => ({
  id: idOf(position),
  type: 'Noted',
  isJson: true,
  data: Buffer.from(`note ${position}`),
  metadata: new Uint8Array(),
});

/** A log as the program wrote it when it knew only the first `version` steps. */
const aLogOfVersion = (version: number): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'schema-')), 'events.db');
  const db = openDurableFile({ file, applicationId: APPLICATION_ID, migrations: MIGRATIONS.slice(0, version) });
  for (let id = 1; id <= STREAMS; id++) db.prepare('INSERT INTO streams VALUES (?, ?)').run(id, `stream-${id}`);
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (let position = 1; position <= EVENTS; position++) {
    const streamId = 1 + (position % STREAMS);
    const revision = Math.floor((position - 1) / STREAMS);
    const event = { ...noted(position), position, stream: `stream-${streamId}`, revision, createdUs: position };
    const { id, type, createdUs, data, metadata } = event;
    insert.run(position, streamId, revision, id, type, 1, createdUs, data, metadata, checksum(event));
  }
  db.close();
  return file;
};

const inFile = (file: string, sql: string): unknown[] => {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare(sql).all();
  db.close();
  return rows.flatMap((row) => Object.values(row));
};

describe("an older version's log", () => {
  it.each([1, 2])('of version %d is brought up to date whole and goes on', async (version) => {
    const file = aLogOfVersion(version);
    const log = new EventLog({ file });
    expect(log.after(0, 100).map(({ data }) => Buffer.from(data).toString())).toEqual(
      Array.from({ length: EVENTS }, (_, index) => `note ${index + 1}`),
    );
    expect(await log.append('stream-1', 4, [noted(EVENTS + 1)])).toMatchObject({ kind: 'appended', position: 11 });
    log.close();
    expect(verifyLog(file)).toMatchObject({ ok: true, events: EVENTS + 1, streams: STREAMS });
    expect(inFile(file, 'PRAGMA user_version')).toEqual([MIGRATIONS.length]);
  });

  it('still knows its event ids, each in its own stream', async () => {
    const log = new EventLog({ file: aLogOfVersion(1) });
    expect(await log.append('stream-2', 'any', [noted(1)])).toEqual({ kind: 'appended', lastRevision: 0, position: 1 });
    expect(await log.append('stream-1', 'any', [noted(8)])).toEqual({ kind: 'appended', lastRevision: 3, position: 8 });
    expect(await log.append('stream-1', 'any', [noted(1)])).toMatchObject({ lastRevision: 5, position: EVENTS + 1 });
    log.close();
  });

  it('can be verified and backed up without being changed, and its backup serves', () => {
    const file = aLogOfVersion(1);
    expect(verifyLog(file)).toMatchObject({ ok: true, events: EVENTS });
    const backup = `${file}.backup`;
    expect(backupLog(file, backup)).toMatchObject({ ok: true, events: EVENTS });
    for (const each of [file, backup]) expect(inFile(each, 'PRAGMA user_version')).toEqual([1]);
    const log = new EventLog({ file: backup });
    expect(log.head).toBe(EVENTS);
    log.close();
  });
});

describe('an id', () => {
  it('is looked for by index, in its stream alone', () => {
    const plan = inFile(
      aLogOfVersion(MIGRATIONS.length),
      "EXPLAIN QUERY PLAN SELECT revision FROM events WHERE event_id = x'00' AND stream_id = 1 ORDER BY position DESC LIMIT 1",
    );
    expect(plan.join(' ')).toContain('USING INDEX events_by_id (stream_id=? AND event_id=?)');
    expect(plan.join(' ')).not.toContain('TEMP B-TREE');
  });
});
