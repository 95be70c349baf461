import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v5 } from 'uuid';
import { derivedId, eventId, isUuid } from './ids.js';

describe('derived ids', () => {
  it('never change: stored events depend on them', () =>
    expect(eventId('3f0c1ad2-0d8e-4c55-9d0e-0a8f5f2d7b10', 0)).toMatchInlineSnapshot(
      `"93fca14f-29ac-5d5d-b222-7d07d9bf49d7"`,
    ));

  it('are the same for the same names and differ for different ones', () => {
    const names = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(names, names, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        return isUuid(derivedId(...a)) && (derivedId(...a) === derivedId(...b)) === same;
      }),
    );
  });

  it('are what the library would make', () => {
    const namespace = '6f1c7a52-64a7-5c0e-9f0e-5a1d0b9f7a11';
    const names = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 });
    const byLibrary = (given: readonly string[]) =>
      v5(given.map((name) => `${name.length}:${name}`).join(''), namespace);
    fc.assert(fc.property(names, (given) => derivedId(...given) === byLibrary(given)));
  });

  it('are not made of half a character: two names would have one id', () =>
    expect(() => derivedId('\ud800')).toThrow(URIError));

  it('keep apart names that only join alike', () => expect(derivedId('a', 'bc')).not.toBe(derivedId('ab', 'c')));
});
