import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { directOf, nodeSqlite } from './node-sqlite.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'node-sqlite-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a row has the names that its table has now, also for a query that was asked before', () => {
  const file = join(folder, 'pets.sqlite');
  const [writer, reader] = [directOf(nodeSqlite(file)), directOf(nodeSqlite(file, { readOnly: true }))];
  writer('create table pets (name text, age integer)', []);
  writer('insert into pets values (?, ?)', ['Aki', 3]);
  expect(reader('select * from pets', [])).toEqual([{ name: 'Aki', age: 3 }]);
  writer('alter table pets add column fed integer', []);
  expect(reader('select * from pets', [])).toEqual([{ name: 'Aki', age: 3, fed: null }]);
});

it('rows come one by one, too', () => {
  const database = nodeSqlite(join(folder, 'more.sqlite'));
  directOf(database)('create table pets (name text)', []);
  for (const name of ['Aki', 'Beni']) directOf(database)('insert into pets values (?)', [name]);
  expect([...database.prepare('select * from pets order by name').iterate([])]).toEqual([
    { name: 'Aki' },
    { name: 'Beni' },
  ]);
});
