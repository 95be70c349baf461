import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { checksum } from '../log/checksum.js';
import { openLogFile } from '../log/log-file.js';
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

export interface RawLog {
  /** One durable transaction of `size` events. */
  commit(size: number): void;
  close(): void;
}

/**
 * SQLite's limit: the same kind of file opened in the same way (WAL, synchronous=FULL, checkpoints included), the
 * log's own tables and indexes, an event of the size the clients send with a fresh id and its checksum. There is no
 * gRPC around it, nobody to answer, and nothing that is asked before the insert.
 */
export const rawLog = (folder: string): RawLog => {
  const db = openLogFile(join(folder, 'raw.db'));
  db.exec("INSERT INTO streams VALUES (1, 'raw')");
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const data = randomBytes(420);
  const metadata = randomBytes(90);
  let position = 0;
  const add = (): void => {
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
  };
  return {
    commit: (size) => {
      db.exec('BEGIN IMMEDIATE');
      for (let index = 0; index < size; index++) add();
      db.exec('COMMIT');
    },
    close: () => db.close(),
  };
};

export const rawCommits = (folder: string, seconds: number, size: number): Rate => {
  const log = rawLog(folder);
  const rate = tightLoop(seconds, size, () => log.commit(size));
  log.close();
  return rate;
};
