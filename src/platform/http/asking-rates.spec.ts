import { describe, expect, it } from '@jest/globals';
import { Rates } from './asking-rates.js';

const START = Date.parse('2026-04-01T00:00:00Z');

describe('how often one may ask', () => {
  const at = (perMinute: number) => {
    let nowMs = START;
    const rates = new Rates({ now: () => new Date(nowMs) }, perMinute);
    return { rates, after: (ms: number) => (nowMs = START + ms) };
  };

  it('as often as allowed, and then after the seconds that are left of the minute', () => {
    const { rates, after } = at(2);
    expect([rates.waitOf('a'), rates.waitOf('a'), rates.waitOf('a')]).toEqual([null, null, 60]);
    after(59_999);
    expect(rates.waitOf('a')).toBe(1);
    after(60_000);
    expect(rates.waitOf('a')).toBeNull();
  });

  it('each for itself', () => {
    const { rates } = at(1);
    expect([rates.waitOf('a'), rates.waitOf('b'), rates.waitOf('a')]).toEqual([null, null, 60]);
  });
});
