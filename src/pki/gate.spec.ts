import { describe, expect, it } from '@jest/globals';
import { Gate, TooBusy } from './gate.js';

describe('a gate', () => {
  it('lets only so many in at once, in the order in which they came', async () => {
    const gate = new Gate(2, 10);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const work = (number: number) => async (): Promise<void> => {
      most = Math.max(most, ++inside);
      order.push(number);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside -= 1;
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map((number) => gate.run(work(number))));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('turns away who comes when all places to wait are taken, and works on afterwards', async () => {
    const gate = new Gate(1, 1);
    const never = Promise.withResolvers<string>();
    const first = gate.run(() => never.promise);
    const second = gate.run(() => Promise.resolve('second'));
    await expect(gate.run(() => Promise.resolve('third'))).rejects.toBeInstanceOf(TooBusy);
    never.resolve('first');
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
    expect(await gate.run(() => Promise.resolve('fourth'))).toBe('fourth');
  });

  it('frees the place of work that failed', async () => {
    const gate = new Gate(1, 0);
    await expect(gate.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await gate.run(() => Promise.resolve(1))).toBe(1);
  });
});
