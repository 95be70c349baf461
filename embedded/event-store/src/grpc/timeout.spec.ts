import { timeoutMs } from './timeout.js';

it.each([
  [undefined, Infinity],
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3_000],
  ['00000004m', 4],
  ['5u', 0.005],
  ['0n', 0],
  ['99999999H', Infinity],
  ['2147483S', 2_147_483_000],
  ['2147484S', Infinity],
  ['soon', undefined],
  ['', undefined],
  ['1', undefined],
  ['123456789m', undefined],
  ['-1S', undefined],
  ['1S ', undefined],
])('a time-out of %j is %j ms', (header, ms) => expect(timeoutMs(header)).toBe(ms));
