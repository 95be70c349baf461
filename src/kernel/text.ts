/** Lengths are counted in code points: 𠮷 is one character, however many units or bytes it takes. */
export const lengthOf = (value: string): number => {
  let length = 0;
  for (const _ of value) length += 1;
  return length;
};

/** "Half-width" is ASCII; "full-width" is neither ASCII nor half-width katakana (spec 6 §3). */
export const isHalfWidth = (value: string): boolean => /^[\x20-\x7e]*$/.test(value);
export const isFullWidth = (value: string): boolean => !/[\p{ASCII}\uff61-\uff9f]/u.test(value);

/** Cc, lone surrogates and the invisible direction marks that make two names look alike. */
export const hasControlCharacter = (value: string): boolean =>
  /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u.test(value);

/** Without the line breaks and tabs that belong to sentences and to nothing else. */
export const withoutLayout = (value: string): string => value.replace(/[\n\r\t]/g, '');

export const isBlank = (value: string): boolean => value.trim() === '';
