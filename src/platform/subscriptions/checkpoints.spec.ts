import { expect, it } from '@jest/globals';
import type { Recorded } from '../event-store/recorded.js';
import { openDatabase } from '../sql/database.js';
import { Checkpoints, type CheckpointTables } from './checkpoints.js';

const event = (type: string): Recorded => ({ id: type, type }) as Recorded;

it('has no effect for a type that only begins like one of its own, and passes it by', async () => {
  const database = await openDatabase<CheckpointTables>({ kind: 'sqlite', file: ':memory:', durable: false });
  const checkpoints = new Checkpoints(database.write, { now: () => new Date() });
  await checkpoints.prepare();
  const told: string[] = [];
  const sink = checkpoints.sink('sample', ['a.Reset'], ({ type }) => {
    told.push(type);
    return Promise.resolve();
  });
  await sink.apply([event('a.Reset'), event('a.ResetRequested')], '2');
  expect(told).toEqual(['a.Reset']);
  expect(await sink.position()).toBe('2');
  await database.close();
});
