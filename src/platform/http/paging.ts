import { invalid } from '../../kernel/refusal.js';
import { Refused } from './refused.js';

export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;

export type Page<T> = Readonly<{ items: readonly T[]; nextCursor: string | null }>;

/** Where a page ends: the sort key and the id that breaks ties. Opaque to clients, so its shape may change. */
export type Place = readonly [key: string | number, id: string];

export const cursorOf = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

export const placeOf = (cursor: unknown): Place | null => {
  if (cursor === undefined) return null;
  try {
    const place: unknown = typeof cursor === 'string' && JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [key, id] = place as [unknown, unknown];
    if ((typeof key === 'string' || typeof key === 'number') && typeof id === 'string') return [key, id];
  } catch {
    // Told below in the same words.
  }
  throw new Refused(
    invalid([{ field: 'cursor', rule: 'format', params: { format: 'nextCursor of an earlier page' } }]),
  );
};

export const limitOf = (limit: unknown): number => {
  if (limit === undefined) return PAGE_DEFAULT;
  const wanted = Number(limit);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= PAGE_MAX) return wanted;
  throw new Refused(invalid([{ field: 'limit', rule: 'format', params: { format: `1-${PAGE_MAX}` } }]));
};

/** From one row more than the page holds: the extra row says that there is a next page. */
export const pageOf = <R, T>(
  rows: readonly R[],
  limit: number,
  item: (row: R) => T,
  place: (row: R) => Place,
): Page<T> => {
  const shown = rows.slice(0, limit);
  return { items: shown.map(item), nextCursor: rows.length > limit ? cursorOf(place(shown.at(-1)!)) : null };
};
