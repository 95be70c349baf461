import { describe, expect, it } from '@jest/globals';
import { cookieOf } from './cookies.js';

describe('a cookie', () => {
  it.each([
    ['a=1', '1'],
    ['b=2; a=1', '1'],
    ['b=2;a=1;c=3', '1'],
    ['a=1; a=2', '1'],
    ['aa=2; a=1', '1'],
    ['ba=2; xa=3; a=1', '1'],
    ['b=a; a=1', '1'],
    ['b=a=7; a=1', '1'],
    ['a=x.y-z_=; b=2', 'x.y-z_='],
    ['a= 1 ; b=2', '1'],
    ['a=', ''],
  ])('is found in %j', (cookie, value) => expect(cookieOf({ headers: { cookie } }, 'a')).toBe(value));

  it.each(['', 'b=1', 'a', 'aa=1', 'ba=1', 'b=a=1', 'b=1,a=2', 'A=1'])('is not in %j', (cookie) =>
    expect(cookieOf({ headers: { cookie } }, 'a')).toBeUndefined(),
  );

  it('is not where there is none', () => expect(cookieOf({ headers: {} }, 'a')).toBeUndefined());
});
