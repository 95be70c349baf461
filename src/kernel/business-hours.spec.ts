import { describe, expect, it } from '@jest/globals';
import { afterBusinessHours } from './business-hours.js';
import { businessCalendar, inJapan } from './calendar.js';

const calendar = businessCalendar();
const due = (from: string, hours = 4) => inJapan(afterBusinessHours(new Date(from), hours, calendar));

describe('a due time in business hours', () => {
  it.each([
    ['within one day', '2026-07-01T10:00:00+09:00', '2026-07-01T14:00:00.000+09:00'],
    ['until the office closes', '2026-07-01T13:00:00+09:00', '2026-07-01T17:00:00.000+09:00'],
    ['a millisecond too late for today', '2026-07-01T13:00:00.001+09:00', '2026-07-02T09:00:00.001+09:00'],
    ['before the office opens', '2026-07-01T03:00:00+09:00', '2026-07-01T13:00:00.000+09:00'],
    ['after it closed', '2026-07-01T17:00:00+09:00', '2026-07-02T13:00:00.000+09:00'],
    ['over a weekend', '2026-07-03T16:00:00+09:00', '2026-07-06T12:00:00.000+09:00'],
    ['over a public holiday', '2026-04-28T16:00:00+09:00', '2026-04-30T12:00:00.000+09:00'],
    ['over the turn of the year', '2026-12-28T16:30:00+09:00', '2027-01-04T12:30:00.000+09:00'],
  ])('%s', (_, from, expected) => expect(due(from)).toBe(expected));

  it('may take several days', () => expect(due('2026-07-01T10:00:00+09:00', 20)).toBe('2026-07-03T14:00:00.000+09:00'));

  it('needs an office that opens', () => {
    const closed = { opensMinutes: 540, closesMinutes: 540 };
    expect(() => afterBusinessHours(new Date(), 1, calendar, closed)).toThrow('close after it opens');
  });
});
