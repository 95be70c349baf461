import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { directOf, nodeSqlite } from './node-sqlite.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'node-sqlite-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a row has the names that its table has now, also for a query that was asked before', () => {
  const file = join(folder, 'pets.sqlite');
  const { writer: database, read: reader } = nodeSqlite(file);
  const writer = directOf(database);
  writer('create table pets (name text, age integer)', []);
  writer('insert into pets values (?, ?)', ['Aki', 3]);
  expect(reader('select * from pets', [])).toEqual([{ name: 'Aki', age: 3 }]);
  writer('alter table pets add column fed integer', []);
  expect(reader('select * from pets', [])).toEqual([{ name: 'Aki', age: 3, fed: null }]);
});

it('rows come one by one, too', () => {
  const { writer: database } = nodeSqlite(join(folder, 'more.sqlite'));
  directOf(database)('create table pets (name text)', []);
  for (const name of ['Aki', 'Beni']) directOf(database)('insert into pets values (?)', [name]);
  expect([...database.prepare('select * from pets order by name').iterate([])]).toEqual([
    { name: 'Aki' },
    { name: 'Beni' },
  ]);
});

describe('who reads', () => {
  const opened = (name: string) => {
    const file = join(folder, `${name}.sqlite`);
    const here = nodeSqlite(file);
    const [write, elsewhere] = [directOf(here.writer), directOf(nodeSqlite(file).writer)];
    write('create table pets (name text)', []);
    const names = () => here.read('select name from pets order by name', []).map((row) => (row as Named).name);
    const add = (by: typeof write, name: string) => by('insert into pets values (?)', [name]);
    return { here, write, elsewhere, names, add };
  };
  type Named = Readonly<{ name: string }>;

  it('sees at once what this process changed, and only what counts', () => {
    const { write, names, add } = opened('own');
    expect(names()).toEqual([]);
    add(write, 'Aki');
    expect(names()).toEqual(['Aki']);
    write('begin', []);
    add(write, 'Beni');
    expect(names()).toEqual(['Aki']);
    write('commit', []);
    expect(names()).toEqual(['Aki', 'Beni']);
    write('drop table pets', []);
    expect(names).toThrow('no such table');
  });

  it('sees one state within a turn, and from the next on what another process changed', async () => {
    const { elsewhere, names, add } = opened('others');
    expect(names()).toEqual([]);
    add(elsewhere, 'Aki');
    expect(names()).toEqual([]);
    await turn();
    expect(names()).toEqual(['Aki']);
  });

  it('holds nothing up: a file is closed in the middle of a turn, and none is held beyond it', async () => {
    const { here, elsewhere, names, add } = opened('closed');
    expect(names()).toEqual([]);
    await turn();
    add(elsewhere, 'Aki');
    // Waits for every reader of an older state.
    expect(elsewhere('pragma wal_checkpoint(truncate)', [])).toMatchObject([{ busy: 0 }]);
    expect(names()).toEqual(['Aki']);
    here.reader.close();
    here.writer.close();
    await turn();
  });
});

/** Two who read in turns of a few milliseconds, so that one of them always does. */
const BUSY_READERS = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const read = (database) => {
    if (database.isTransaction) database.exec('commit');
    database.exec('begin');
    database.prepare('select count(*) from pets').get();
    setTimeout(read, 6, database);
  };
  for (const delay of [0, 3]) setTimeout(read, delay, new DatabaseSync(workerData, { readOnly: true }));
  setTimeout(() => parentPort.postMessage('reading'), 20);`;

it('the log of the changes stays short, also while somebody in another thread always reads', async () => {
  const file = join(folder, 'log.sqlite');
  const { writer } = nodeSqlite(file);
  const write = directOf(writer);
  write('create table pets (name text primary key, story blob)', []);
  const reader = new Worker(BUSY_READERS, { eval: true, workerData: file });
  await new Promise((resolve) => reader.once('message', resolve));
  let longest = 0;
  for (let n = 0; n < 2_000; n += 1) {
    write('insert into pets values (?, randomblob(65536)) on conflict do update set story = excluded.story', [
      `${n % 10}`,
    ]);
    longest = Math.max(longest, statSync(`${file}-wal`).size);
  }
  await reader.terminate();
  // All that was written is a quarter more.
  expect(longest).toBeLessThan(100 * 1024 * 1024);
});
