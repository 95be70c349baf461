/** Lengths are counted in code points: 𠮷 is one character, however many units or bytes it takes. */
export const lengthOf = (value: string): number => {
  let length = 0;
  for (const _ of value) length += 1;
  return length;
};

/** "Half-width" is ASCII; "full-width" is neither ASCII nor half-width katakana (spec 6 §3). */
export const isHalfWidth = (value: string): boolean => /^[\x20-\x7e]*$/.test(value);
export const isFullWidth = (value: string): boolean => !/[\p{ASCII}\uff61-\uff9f]/u.test(value);

/** Cc, lone surrogates, separators of lines and the invisible direction marks that make two names look alike. */
export const hasControlCharacter = (value: string): boolean =>
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u.test(value);

/** Without the line breaks and tabs that belong to sentences and to nothing else. */
export const withoutLayout = (value: string): string => value.replace(/[\n\r\t]/g, '');

/** Nothing that anybody could see. */
export const isBlank = (value: string): boolean => /^[\s\p{Default_Ignorable_Code_Point}]*$/u.test(value);

/** What cannot be seen, what each machine draws differently (emoji, too), and the marks by which two names can look alike. */
const UNREADABLE =
  /[\ufe0f\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Emoji_Presentation}\u{1f000}-\u{1faff}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const GRAPHEMES = new Intl.Segmenter('ja', { granularity: 'grapheme' });

/** The characters that a name in a certificate cannot hold: unreadable ones, and such as Unicode writes otherwise. */
export const unfitForCertificates = (value: string): string[] => {
  const unfit = new Set<string>();
  for (const character of value) if (UNREADABLE.test(character)) unfit.add(character);
  if (value === value.normalize('NFC')) return [...unfit];
  const parts = [...GRAPHEMES.segment(value)].map(({ segment }) => segment);
  const changed = parts.filter((part) => part !== part.normalize('NFC'));
  for (const part of changed.length > 0 ? changed : [value]) unfit.add(part);
  return [...unfit];
};
