import { jest } from '@jest/globals';
import { Clock } from './clock.js';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

function clockOf(offsetMs = 0) {
  const fired: string[] = [];
  const clock = new Clock<string>(offsetMs);
  clock.start((due) => void fired.push(due));
  return { clock, fired };
}

test('fires at its moment, not a millisecond before', () => {
  const { clock, fired } = clockOf();
  clock.at(clock.nowMs() + 86_400_000, 'a');
  jest.advanceTimersByTime(86_400_000 - 1);
  expect(fired).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(fired).toEqual(['a']);
});

test('moved, it fires all that is due, in order', () => {
  const { clock, fired } = clockOf();
  const nowMs = clock.nowMs();
  for (const [due, inMs] of [
    ['c', 300],
    ['a', 100],
    ['b', 200],
    ['later', 301],
  ] as const)
    clock.at(nowMs + inMs, due);
  clock.moveTo(nowMs + 300);
  expect(fired).toEqual(['a', 'b', 'c']);
  expect(clock.nowMs()).toBe(nowMs + 300);
});

test('never goes back', () => {
  const { clock } = clockOf(5000);
  const nowMs = clock.nowMs();
  clock.moveTo(nowMs - 1);
  expect(clock.nowMs()).toBe(nowMs);
});

test('what is cancelled does not fire', () => {
  const { clock, fired } = clockOf();
  clock.cancel(clock.at(clock.nowMs() + 10, 'a'));
  jest.advanceTimersByTime(1000);
  expect(fired).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('notices within half a minute that the machine slept', () => {
  const { clock, fired } = clockOf();
  clock.at(clock.nowMs() + 3_600_000, 'a');
  jest.setSystemTime(Date.now() + 3_600_000);
  jest.advanceTimersByTime(30_000);
  expect(fired).toEqual(['a']);
});

test('what is due far beyond the longest timer of the platform still fires in time', () => {
  const { clock, fired } = clockOf();
  const farMs = 2 ** 31 + 12_345;
  clock.at(clock.nowMs() + farMs, 'far');
  clock.moveTo(clock.nowMs() + farMs - 1);
  expect(fired).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(fired).toEqual(['far']);
});
