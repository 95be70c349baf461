import japaneseHolidays from '@holiday-jp/holiday_jp';

/** A day in Japan, `YYYY-MM-DD`. Japan has had one offset and no summer time since 1952. */
export type Day = string;

const OFFSET_MS = 9 * 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const published: Readonly<Record<string, unknown>> = japaneseHolidays.holidays;
const lastPublishedYear = Math.max(...Object.keys(published).map((day) => Number(day.slice(0, 4))));

export const dayOf = (moment: Date): Day => new Date(moment.getTime() + OFFSET_MS).toISOString().slice(0, 10);

/** Midnight in Japan, as a moment. */
export const startOf = (day: Day): Date => new Date(Date.parse(`${day}T00:00:00.000Z`) - OFFSET_MS);

export const addDays = (day: Day, days: number): Day => dayOf(new Date(startOf(day).getTime() + days * DAY_MS));

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Every row of every list is told with its time: what is told of one day has its date from the one before. */
let dated = { day: Number.NaN, date: '' };

/** ISO 8601 with the offset of Japan, as the API writes every time. */
export const inJapan = (moment: Date): string => {
  const ms = moment.getTime() + OFFSET_MS;
  const day = Math.floor(ms / DAY_MS);
  if (day !== dated.day) dated = { day, date: new Date(ms).toISOString().split('T', 1)[0]! };
  const inDay = ms - day * DAY_MS;
  const minutes = Math.floor(inDay / MINUTE_MS);
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(Math.floor(inDay / 1_000) % 60)}`;
  return `${dated.date}T${time}.${String(inDay % 1_000).padStart(3, '0')}+09:00`;
};

/** The same of a moment as rows keep it, or none. */
export const inJapanOrNull = (stored: string | null): string | null =>
  stored === null ? null : inJapan(new Date(stored));

/** 2026-02-30 parses, but as another day. */
export const isDay = (text: string): boolean => {
  const parsed = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
};

/** Days that the government or the operator decided after the holiday table was published. */
export type Overrides = Readonly<{ holidays?: readonly Day[]; workdays?: readonly Day[] }>;

export type BusinessCalendar = Readonly<{
  isBusinessDay: (day: Day) => boolean;
  /** The n-th business day after `day`; `day` itself does not count. */
  businessDayAfter: (day: Day, businessDays: number) => Day;
}>;

const isWeekend = (day: Day): boolean => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
const isYearEnd = (day: Day): boolean => ['12-29', '12-30', '12-31', '01-01', '01-02', '01-03'].includes(day.slice(5));

export const businessCalendar = ({ holidays = [], workdays = [] }: Overrides = {}): BusinessCalendar => {
  const isBusinessDay = (day: Day): boolean => {
    if (workdays.includes(day)) return true;
    // Beyond the table every weekday would look like a business day: better no answer than a wrong one.
    if (Number(day.slice(0, 4)) > lastPublishedYear) throw new RangeError(`no holidays are known for ${day}`);
    return !isWeekend(day) && !isYearEnd(day) && !(day in published) && !holidays.includes(day);
  };
  const businessDayAfter = (day: Day, businessDays: number): Day => {
    let current = day;
    for (let left = businessDays; left > 0;) {
      current = addDays(current, 1);
      if (isBusinessDay(current)) left -= 1;
    }
    return current;
  };
  return { isBusinessDay, businessDayAfter };
};
