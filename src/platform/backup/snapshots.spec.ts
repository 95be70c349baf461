import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { damageOf, holdSnapshots } from './snapshots.js';

/** Prepares a secret, records the event that names it, moves the position behind it; over and over. */
const WRITER = `
  const { DatabaseSync } = require('node:sqlite');
  const { workerData, parentPort } = require('node:worker_threads');
  const open = (file) => { const db = new DatabaseSync(file, { timeout: 5000 }); return db; };
  const secrets = open(workerData.secrets), events = open(workerData.events);
  const prepared = secrets.prepare('UPDATE t SET prepared = ?'), reached = secrets.prepare('UPDATE t SET reached = ?');
  const recorded = events.prepare('UPDATE t SET recorded = ?');
  let stop = false;
  parentPort.on('message', () => (stop = true));
  let n = 0;
  const step = () => {
    for (let i = 0; i < 20; i += 1) { n += 1; prepared.run(n); recorded.run(n); reached.run(n); }
    if (stop) { secrets.close(); events.close(); parentPort.postMessage(n); parentPort.close(); } else setImmediate(step);
  };
  step();
`;

const folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
const secrets = join(folder, 'secrets');
const events = join(folder, 'events');
const numbersIn = (file: string): Record<string, number> => {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return { ...database.prepare('SELECT * FROM t').get() } as Record<string, number>;
  } finally {
    database.close();
  }
};

beforeAll(() => {
  for (const [file, columns] of [
    [secrets, 'prepared, reached'],
    [events, 'recorded'],
  ] as const) {
    const database = new DatabaseSync(file);
    const zeros = columns.replaceAll(/\w+/g, '0');
    database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (${columns}); INSERT INTO t VALUES (${zeros})`);
    database.close();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('snapshots of several files', () => {
  it('show one moment while somebody writes: no event without its secret, no position beyond the events', async () => {
    const worker = new Worker(WRITER, { eval: true, workerData: { secrets, events } });
    const last = new Promise<number>((resolve) => worker.once('message', resolve));
    const seen: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      const copies = [join(folder, `s${round}`), join(folder, `e${round}`)];
      const held = holdSnapshots([secrets, events]);
      // What happens between holding and copying must not be in the copy.
      await new Promise((resolve) => setTimeout(resolve, 2));
      for (const [index, snapshot] of held.entries()) {
        await snapshot.copyTo(copies[index]!);
        snapshot.release();
      }
      const { prepared, reached } = numbersIn(copies[0]!);
      const { recorded } = numbersIn(copies[1]!);
      expect(prepared).toBeGreaterThanOrEqual(recorded!);
      expect(recorded).toBeGreaterThanOrEqual(reached!);
      expect(prepared! - reached!).toBeLessThanOrEqual(1);
      seen.push(recorded!);
    }
    worker.postMessage('stop');
    expect(await last).toBeGreaterThan(seen.at(-1)!);
    expect(new Set(seen).size).toBeGreaterThan(20);
  });

  it('go on in a stopped service as well, and leave nothing behind', async () => {
    const [held] = holdSnapshots([secrets]);
    await held!.copyTo(join(folder, 'quiet'));
    held!.release();
    expect(numbersIn(join(folder, 'quiet'))).toEqual(numbersIn(secrets));
    expect(damageOf(join(folder, 'quiet'))).toBeNull();
  });

  it('say which file is not there', () =>
    expect(() => holdSnapshots([secrets, join(folder, 'none')])).toThrow(`${join(folder, 'none')} does not exist`));
});
