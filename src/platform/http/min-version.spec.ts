import { expect, it } from '@jest/globals';
import { minVersionOf } from './min-version.js';
import { Refused } from './refused.js';

it('waits for nothing where nothing is asked', () => expect(minVersionOf(undefined)).toBe(-1));

it.each([
  ['0', 0],
  ['17', 17],
])('takes %s as an answer tells it', (given, version) => expect(minVersionOf(given)).toBe(version));

// What JavaScript would make a number of all the same.
it.each(['', ' ', '-1', '1.5', '1e3', '0x10', 'NaN', '9007199254740993'])('refuses %j', (given) =>
  expect(() => minVersionOf(given)).toThrow(Refused),
);
