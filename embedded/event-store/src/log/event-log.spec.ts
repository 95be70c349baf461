import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { EventLog } from './event-log.js';
import type { NewEvent } from './event.js';

const event = (): NewEvent => ({
  id: randomBytes(16),
  type: 'log.Tested',
  isJson: false,
  data: Buffer.from('x'),
  metadata: Buffer.alloc(0),
});

describe('a log whose file cannot even be read after a failed commit', () => {
  // Closing the file behind the log's back fails every statement, as a disk that has gone does.
  const logWithoutDisk = async (): Promise<EventLog> => {
    const log = new EventLog({ file: join(mkdtempSync(join(tmpdir(), 'event-log-')), 'events.db') });
    await log.append('a stream', 'any', [event()]);
    (log as unknown as { db: DatabaseSync }).db.close();
    return log;
  };

  it('fails every append that waited', async () => {
    const log = await logWithoutDisk();
    const waiting = [log.append('a stream', 'any', [event()]), log.append('another', 'any', [event()])];
    for (const append of waiting) await expect(append).rejects.toThrow('nothing was stored');
  });

  it('takes and serves nothing more', async () => {
    const log = await logWithoutDisk();
    await expect(log.append('a stream', 'any', [event()])).rejects.toThrow('nothing was stored');
    await expect(log.append('a stream', 'any', [event()])).rejects.toThrow('could not be read again');
    expect(() => log.after(0, 10)).toThrow('could not be read again');
    expect(() => log.streamFrom('a stream', 0, 10)).toThrow('could not be read again');
  });
});
