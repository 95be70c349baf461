import { Clock } from './clock.js';
import { InFlight } from './in-flight.js';
import { TimeControl } from './time-control.js';

test.each([NaN, Infinity, -Infinity, -1])('an advance by %d is refused, and nothing of it is kept', async (byMs) => {
  const saved: number[] = [];
  const clock = new Clock<string>();
  const time = new TimeControl(clock, new InFlight(), (offsetMs) => {
    saved.push(offsetMs);
    return Promise.resolve();
  });
  await expect(time.advance(byMs)).rejects.toThrow(RangeError);
  expect(saved).toEqual([]);
  expect(clock.offsetMs).toBe(0);
  const beforeMs = clock.nowMs();
  expect(await time.advance(1000)).toBeGreaterThanOrEqual(beforeMs + 1000);
});

test('the clock itself takes only a moment that exists', () => {
  const clock = new Clock<string>();
  expect(() => clock.moveTo(NaN)).toThrow(RangeError);
  expect(clock.offsetMs).toBe(0);
});
