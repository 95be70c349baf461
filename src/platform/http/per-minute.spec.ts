import { expect, it } from '@jest/globals';
import { neighbourhoodOf, PerMinute } from './per-minute.js';

it('lets each have their share of a minute, and tells the others how long to wait', () => {
  let now = Date.parse('2026-07-01T00:00:00.000Z');
  const shares = new PerMinute({ now: () => new Date(now) }, 2);
  expect(['a', 'a', 'b', 'a'].map((who) => shares.waitOf(who))).toEqual([null, null, null, 60]);
  now += 59_999;
  expect(shares.waitOf('a')).toBe(1);
  now += 1;
  expect(shares.waitOf('a')).toBeNull();
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, counted) => expect(neighbourhoodOf(address)).toBe(counted));
