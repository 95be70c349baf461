import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openDurableFile } from '@shomei/embedded-kit';
import { checksum } from '../log/checksum.js';
import { APPLICATION_ID, MIGRATIONS } from '../log/schema.js';
import { tightLoop, type Rate } from './measure.js';

/** The disk's own limit: how often four KiB can be made durable. */
export const syncRate = (folder: string, seconds: number): Rate => {
  const file = openSync(join(folder, 'sync.bin'), 'w');
  const block = randomBytes(4096);
  const rate = tightLoop(seconds, 1, () => {
    writeSync(file, block);
    fdatasyncSync(file);
  });
  closeSync(file);
  return rate;
};

/** SQLite's limit: durable transactions of `size` events into the log's own tables, without gRPC around them. */
export const rawCommits = (folder: string, seconds: number, size: number): Rate => {
  const db = openDurableFile({
    file: join(folder, `raw-${size}.db`),
    applicationId: APPLICATION_ID,
    migrations: MIGRATIONS,
  });
  db.exec("INSERT INTO streams VALUES (1, 'raw')");
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const data = randomBytes(420);
  const metadata = randomBytes(90);
  let position = 0;
  const rate = tightLoop(seconds, size, () => {
    db.exec('BEGIN IMMEDIATE');
    for (let index = 0; index < size; index++) {
      position += 1;
      const id = randomBytes(16);
      const createdUs = Date.now() * 1000;
      const event = {
        position,
        stream: 'raw',
        revision: position - 1,
        id,
        type: 'OrderPlaced',
        isJson: true,
        createdUs,
        data,
        metadata,
      };
      insert.run(position, 1, position - 1, id, event.type, 1, createdUs, data, metadata, checksum(event));
    }
    db.exec('COMMIT');
  });
  db.close();
  return rate;
};
