import { durationMs, spanMs, toDuration, toTimestamp } from './time.js';

test.each([
  [250, 250],
  ['250ms', 250],
  ['90 s', 90_000],
  ['1.5h', 5_400_000],
  ['3d', 259_200_000],
  ['2w', 1_209_600_000],
])('%p is %i ms', (span, ms) => {
  expect(spanMs(span)).toBe(ms);
});

test.each(['3 fortnights', 'd', '', '-1s'])('%p is not a span of time', (span) => {
  expect(() => spanMs(span)).toThrow(RangeError);
});

test('fractions of a millisecond are rounded up: a deadline is never early', () => {
  expect(durationMs({ seconds: 1 as never, nanos: 1 })).toBe(1001);
  expect(durationMs({ seconds: 1 as never, nanos: 0 })).toBe(1000);
  expect(durationMs(null)).toBe(0);
});

test('zero is sent as "not set", a moment comes back as it went', () => {
  expect(toDuration(0)).toBeNull();
  expect(durationMs(toTimestamp(1_795_166_542_909))).toBe(1_795_166_542_909);
});
