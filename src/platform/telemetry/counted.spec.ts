import { describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { Counted } from './counted.js';

const patience = { answerMs: 30, keptMs: 60_000 };
const never = new Promise<ReadonlyMap<string, number>>(() => undefined);

describe('a count for whoever looks', () => {
  it('is made once for many who look, and kept', async () => {
    let times = 0;
    const counted = new Counted(() => Promise.resolve(new Map([['sent', (times += 1)]])), patience);
    const seen = await Promise.all([counted.latest(), counted.latest()]);
    seen.push(await counted.latest());
    expect(seen.map((counts) => counts?.get('sent'))).toEqual([1, 1, 1]);
  });

  it('is made anew when it is too old', async () => {
    let times = 0;
    const brief = { ...patience, keptMs: 5 };
    const counted = new Counted(() => Promise.resolve(new Map([['sent', (times += 1)]])), brief);
    await counted.latest();
    await wait(20);
    expect((await counted.latest())?.get('sent')).toBe(2);
  });

  it('keeps nobody waiting where it does not come, and is not asked for a second time meanwhile', async () => {
    let times = 0;
    const counted = new Counted(() => ((times += 1), never), patience);
    const beganMs = performance.now();
    expect([await counted.latest(), await counted.latest()]).toEqual([null, null]);
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    expect(times).toBe(1);
  });

  it('that came late is there for the next who looks', async () => {
    const late = wait(60).then(() => new Map([['sent', 7]]));
    const counted = new Counted(() => late, patience);
    expect(await counted.latest()).toBeNull();
    await late;
    expect((await counted.latest())?.get('sent')).toBe(7);
  });

  it('that failed is told as unknown, and not tried again at once', async () => {
    let times = 0;
    const counted = new Counted(() => ((times += 1), Promise.reject(new Error('away'))), patience);
    expect([await counted.latest(), await counted.latest(), times]).toEqual([null, null, 1]);
  });
});
