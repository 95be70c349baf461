import { dayOf, type Day } from '../../kernel/calendar.js';
import type { OrderLine, Quantity } from './purchase.messages.js';

type FromDay<T> = Readonly<{ from: Day }> & T;

/** What a certificate costs without tax, by its term. A change is a new row: what was ordered stays as it was. */
export const PRICES: readonly FromDay<Readonly<{ unitPricesYen: Readonly<Record<number, number>> }>>[] = [
  { from: '2020-01-01', unitPricesYen: { 1: 3_000, 2: 4_500, 3: 6_000 } },
];

/** The rate of the consumption tax. */
export const TAX_RATES: readonly FromDay<Readonly<{ percent: number }>>[] = [
  { from: '2014-04-01', percent: 8 },
  { from: '2019-10-01', percent: 10 },
];

const inForce = <T>(rows: readonly FromDay<T>[], moment: Date): FromDay<T> => {
  const row = rows.findLast(({ from }) => from <= dayOf(moment));
  if (!row) throw new RangeError(`nothing is laid down for ${dayOf(moment)}`);
  return row;
};

export const unitPricesYen = (moment: Date): Readonly<Record<number, number>> => inForce(PRICES, moment).unitPricesYen;
export const taxPercent = (moment: Date): number => inForce(TAX_RATES, moment).percent;

/** One line per product, also of those that nobody wants: the page shows them with a subtotal of 0. */
export const pricedLines = (quantities: readonly Quantity[], moment: Date): OrderLine[] =>
  Object.entries(unitPricesYen(moment)).map(([years, unitPriceYen]) => {
    const termYears = Number(years);
    const quantity = quantities.find((wanted) => wanted.termYears === termYears)?.quantity ?? 0;
    return { termYears, quantity, unitPriceYen, subtotalYen: quantity * unitPriceYen };
  });

export const totalYen = (lines: readonly OrderLine[]): number =>
  lines.reduce((sum, { subtotalYen }) => sum + subtotalYen, 0);

/** The law on invoices allows one rounding per invoice and rate; fractions of a yen are dropped in the buyer's favour. */
export const taxYen = (total: number, percent: number): number => Math.floor((total * percent) / 100);
