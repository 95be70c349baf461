import { expect, it } from '@jest/globals';
import { TooBusy } from './gate.js';
import { Turns } from './turns.js';

it('lets the first go at once and the others one in each turn of the loop, in their order', async () => {
  const turns = new Turns(10);
  const done: string[] = [];
  let turn = 0;
  let over = false;
  const count = (): void => {
    turn += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const work = async (name: string): Promise<void> => {
    await turns.take();
    done.push(`${name} in turn ${turn}`);
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  over = true;
  expect(done).toEqual(['a in turn 0', 'b in turn 1', 'c in turn 2']);
});

it('refuses what would have to wait behind too many, and is free again afterwards', async () => {
  const turns = new Turns(2);
  const asked = Array.from({ length: 4 }, () => turns.take());
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  await expect(asked[3]).rejects.toBeInstanceOf(TooBusy);
  await expect(turns.take()).resolves.toBeUndefined();
});
