import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
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

  it('keep apart names that only join alike', () => expect(derivedId('a', 'bc')).not.toBe(derivedId('ab', 'c')));
});
