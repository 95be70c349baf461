import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, businessCalendar, dayOf, inJapan, startOf } from './calendar.js';

const calendar = businessCalendar();

describe('days in Japan', () => {
  it.each([
    ['2026-06-30T14:59:59.999Z', '2026-06-30'],
    ['2026-06-30T15:00:00.000Z', '2026-07-01'],
    ['2026-12-31T15:00:00.000Z', '2027-01-01'],
  ])('%s is %s', (moment, day) => expect(dayOf(new Date(moment))).toBe(day));

  it('writes times with the offset of Japan', () =>
    expect(inJapan(new Date('2026-07-01T01:00:00.000Z'))).toBe('2026-07-01T10:00:00.000+09:00'));

  it('steps over month ends and leap days', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2027-01-01', -1)).toBe('2026-12-31');
  });

  it('starts every day within that day', () => {
    const moments = fc.date({ min: new Date('1970-01-02'), max: new Date('2050-01-01'), noInvalidDate: true });
    fc.assert(fc.property(moments, (moment) => dayOf(startOf(dayOf(moment))) === dayOf(moment)));
  });
});

describe('business days', () => {
  it.each([
    ['2026-07-10', true],
    ['2026-07-11', false],
    ['2026-07-20', false],
    ['2026-05-06', false],
    ['2026-09-22', false],
    ['2026-12-28', true],
    ['2026-12-29', false],
    ['2027-01-03', false],
    ['2027-01-04', true],
  ])('%s: %s', (day, expected) => expect(calendar.isBusinessDay(day)).toBe(expected));

  it.each([
    ['2026-07-08', 2, '2026-07-10'],
    ['2026-07-09', 2, '2026-07-13'],
    ['2026-12-28', 1, '2027-01-04'],
    ['2026-05-01', 1, '2026-05-07'],
    ['2026-07-11', 0, '2026-07-11'],
  ])('after %s by %d comes %s', (day, n, expected) => expect(calendar.businessDayAfter(day, n)).toBe(expected));

  it('follows what was decided after the table was published', () => {
    const amended = businessCalendar({ holidays: ['2026-07-10'], workdays: ['2026-07-11'] });
    expect(amended.businessDayAfter('2026-07-08', 2)).toBe('2026-07-11');
  });

  it('gives no answer for a year whose holidays nobody knows', () =>
    expect(() => calendar.isBusinessDay('2099-07-01')).toThrow('no holidays are known for 2099-07-01'));

  it('counts exactly n business days up to the answer', () => {
    const days = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }).map(dayOf);
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 15 }), (from, n) => {
        const last = calendar.businessDayAfter(from, n);
        let counted = 0;
        for (let day = addDays(from, 1); day <= last; day = addDays(day, 1))
          counted += calendar.isBusinessDay(day) ? 1 : 0;
        return counted === n && calendar.isBusinessDay(last);
      }),
    );
  });
});

describe('a time as the API writes it', () => {
  it('is that of Japan to the millisecond, in whatever order days come', () => {
    const slowly = (moment: Date) => new Date(moment.getTime() + 9 * 3_600_000).toISOString().replace('Z', '+09:00');
    const moments = fc.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-30') });
    fc.assert(fc.property(moments, (moment) => inJapan(moment) === slowly(moment)));
  });

  it.each([
    ['2026-12-31T14:59:59.999Z', '2026-12-31T23:59:59.999+09:00'],
    ['2026-12-31T15:00:00.000Z', '2027-01-01T00:00:00.000+09:00'],
    ['1969-12-31T23:59:59.999Z', '1970-01-01T08:59:59.999+09:00'],
    ['1968-02-28T15:00:00.001Z', '1968-02-29T00:00:00.001+09:00'],
  ])('%s is %s', (moment, told) => expect(inJapan(new Date(moment))).toBe(told));

  it('is none of what is no time', () => expect(() => inJapan(new Date('soon'))).toThrow(RangeError));
});
