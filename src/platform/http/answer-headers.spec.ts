import { describe, expect, it } from '@jest/globals';
import { isKnown } from './answer-headers.js';

describe('a mark that the client has already', () => {
  it.each(['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', '*', ' * '])('is found in %j', (given) =>
    expect(isKnown(given, '"a"')).toBe(true),
  );
  it.each([undefined, '', '"b"', 'a', '"b", W/"c"', 'W/*'])('is not found in %j', (given) =>
    expect(isKnown(given, '"a"')).toBe(false),
  );
});
