import { describe, expect, it } from '@jest/globals';
import { pricedLines, taxPercent, taxYen, totalYen } from './prices.decider.js';

const TODAY = new Date('2026-07-01T00:00:00Z');

describe('prices', () => {
  it('show every product, also those that nobody wants', () =>
    expect(pricedLines([{ termYears: 3, quantity: 1 }], TODAY)).toEqual([
      { termYears: 1, quantity: 0, unitPriceYen: 3_000, subtotalYen: 0 },
      { termYears: 2, quantity: 0, unitPriceYen: 4_500, subtotalYen: 0 },
      { termYears: 3, quantity: 1, unitPriceYen: 6_000, subtotalYen: 6_000 },
    ]));

  it('add up', () => expect(totalYen(pricedLines([{ termYears: 1, quantity: 999 }], TODAY))).toBe(2_997_000));

  it('know no price before there was one', () =>
    expect(() => pricedLines([], new Date('2019-12-31T14:59:59Z'))).toThrow('2019-12-31'));
});

describe('the consumption tax', () => {
  it.each([
    ['2019-09-30T14:59:59.999Z', 8],
    ['2019-09-30T15:00:00.000Z', 10],
    ['2026-07-01T00:00:00.000Z', 10],
  ])('at %s is %i %%', (moment, percent) => expect(taxPercent(new Date(moment))).toBe(percent));

  it.each([
    [10_500, 10, 1_050],
    [4_505, 10, 450],
    [4_505, 8, 360],
  ])('on %i yen at %i %% is %i yen, fractions dropped', (total, percent, tax) =>
    expect(taxYen(total, percent)).toBe(tax),
  );
});
