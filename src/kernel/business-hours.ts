import { addDays, type BusinessCalendar, dayOf, startOf } from './calendar.js';

/** When somebody is at the desk, in minutes after midnight in Japan; the same on every business day. */
export type BusinessHours = Readonly<{ opensMinutes: number; closesMinutes: number }>;

export const OFFICE_HOURS: BusinessHours = { opensMinutes: 9 * 60, closesMinutes: 17 * 60 };

const MINUTE_MS = 60_000;

/** The moment at which so many hours at the desk have passed since `from`. */
export const afterBusinessHours = (
  from: Date,
  hours: number,
  calendar: BusinessCalendar,
  { opensMinutes, closesMinutes }: BusinessHours = OFFICE_HOURS,
): Date => {
  if (closesMinutes <= opensMinutes) throw new RangeError('the office must close after it opens');
  let leftMs = hours * 60 * MINUTE_MS;
  for (let day = dayOf(from); ; day = addDays(day, 1)) {
    if (!calendar.isBusinessDay(day)) continue;
    const midnightMs = startOf(day).getTime();
    const beginMs = Math.max(midnightMs + opensMinutes * MINUTE_MS, from.getTime());
    const worthMs = midnightMs + closesMinutes * MINUTE_MS - beginMs;
    if (worthMs >= leftMs) return new Date(beginMs + leftMs);
    leftMs -= Math.max(0, worthMs);
  }
};
