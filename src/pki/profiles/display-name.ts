/** Family name, then given name, each with one capital; a mark in parentheses tells namesakes apart. */
const DISPLAY_NAME = /^[A-Z][a-z0-9]*(\.[A-Z][a-z0-9]*)+(\([A-Za-z0-9.]+\))?$/;
const PREFIX = 'BN-';
const COMMON_NAME_CHARACTERS = 64;
/** 61: with the prefix, exactly what a common name may hold. */
export const DISPLAY_NAME_CHARACTERS = COMMON_NAME_CHARACTERS - PREFIX.length;

export const COMMON_NAME_OF_A_PERSON = new RegExp(`^${PREFIX}${DISPLAY_NAME.source.slice(1)}`);

export const isDisplayName = (text: string): boolean =>
  text.length <= DISPLAY_NAME_CHARACTERS && DISPLAY_NAME.test(text);

/** `Mihon.Taro` → `BN-Mihon.Taro`. */
export const commonNameOf = (displayName: string): string => {
  if (!isDisplayName(displayName)) throw new RangeError('not a certificate display name');
  return PREFIX + displayName;
};
