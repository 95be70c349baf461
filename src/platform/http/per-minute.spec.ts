import { expect, it } from '@jest/globals';
import { PerMinute } from './per-minute.js';

it('lets each have their share of a minute, and tells the others how long to wait', () => {
  let now = Date.parse('2026-07-01T00:00:00.000Z');
  const shares = new PerMinute({ now: () => new Date(now) }, 2);
  expect(['a', 'a', 'b', 'a'].map((who) => shares.waitOf(who))).toEqual([null, null, null, 60]);
  now += 59_999;
  expect(shares.waitOf('a')).toBe(1);
  now += 1;
  expect(shares.waitOf('a')).toBeNull();
});
