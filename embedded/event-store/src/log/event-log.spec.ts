import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { EventLog, LogClosed } from './event-log.js';
import type { NewEvent } from './event.js';

const event = (): NewEvent => ({
  id: randomBytes(16),
  type: 'log.Tested',
  isJson: false,
  data: Buffer.from('x'),
  metadata: Buffer.alloc(0),
});

const freshLog = (): EventLog => new EventLog({ file: join(mkdtempSync(join(tmpdir(), 'event-log-')), 'events.db') });
const fileOf = (log: EventLog): DatabaseSync => (log as unknown as { db: DatabaseSync }).db;

describe('a log', () => {
  it.each([
    "UPDATE events SET type = 'other'",
    'DELETE FROM events',
    "INSERT OR REPLACE INTO events SELECT position, stream_id, revision, event_id, 'other', is_json, created_us, data, metadata, checksum FROM events",
    "UPDATE streams SET name = 'other'",
    'DELETE FROM streams',
  ])('cannot be rewritten by %s', async (sql) => {
    const log = freshLog();
    await log.append('a stream', 'any', [event()]);
    expect(() => fileOf(log).exec(sql)).toThrow(/never (changed|removed|renamed)/);
    expect(log.after(0, 10).map(({ type, stream }) => `${type} ${stream}`)).toEqual(['log.Tested a stream']);
    log.close();
  });

  it('that is closed says so to whoever comes late', async () => {
    const log = freshLog();
    await log.append('a stream', 'any', [event()]);
    const waiting = log.append('a stream', 'any', [event()]);
    log.close();
    expect(await waiting).toMatchObject({ kind: 'appended', lastRevision: 1 });
    await expect(log.append('a stream', 'any', [event()])).rejects.toThrow(LogClosed);
    expect(() => log.after(0, 10)).toThrow(LogClosed);
  });

  it('wakes every follower when it can serve no more', () => {
    const log = freshLog();
    let woken = 0;
    log.feed.follow(undefined, () => (woken += 1));
    log.feed.follow('a stream that does not exist', () => (woken += 1));
    log.close();
    expect(woken).toBe(2);
  });
});

describe('a log whose transaction can neither be committed nor rolled back', () => {
  it('serves nothing of it', async () => {
    const log = freshLog();
    await log.append('a stream', 'any', [event()]);
    const fails = (name: 'commit' | 'rollback') => {
      const { group } = log as unknown as { group: Record<string, { run(): void }> };
      group[name] = {
        run: () => {
          throw new Error(`${name} failed`);
        },
      };
    };
    fails('commit');
    fails('rollback');
    await expect(log.append('a stream', 'any', [event()])).rejects.toThrow('the disk failed (commit failed)');
    expect(log.head).toBe(1);
    expect(() => log.before(10, 10)).toThrow('the disk failed');
    fileOf(log).close();
  });
});

describe('a log whose file cannot even be read after a failed commit', () => {
  // Closing the file behind the log's back fails every statement, as a disk that has gone does.
  const logWithoutDisk = async (): Promise<EventLog> => {
    const log = freshLog();
    await log.append('a stream', 'any', [event()]);
    fileOf(log).close();
    return log;
  };

  it('fails every append that waited', async () => {
    const log = await logWithoutDisk();
    const waiting = [log.append('a stream', 'any', [event()]), log.append('another', 'any', [event()])];
    for (const append of waiting) await expect(append).rejects.toThrow('may or may not be stored');
  });

  it('takes and serves nothing more', async () => {
    const log = await logWithoutDisk();
    await expect(log.append('a stream', 'any', [event()])).rejects.toThrow('may or may not be stored');
    await expect(log.append('a stream', 'any', [event()])).rejects.toThrow('the disk failed');
    expect(() => log.after(0, 10)).toThrow('the disk failed');
    expect(() => log.streamFrom('a stream', 0, 10)).toThrow('the disk failed');
  });
});
