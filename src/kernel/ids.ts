import { parse, v5, validate } from 'uuid';

/** Fixed for ever: another value would give every repeated command new event ids. */
const NAMESPACE = parse('6f1c7a52-64a7-5c0e-9f0e-5a1d0b9f7a11');
const utf8 = new TextEncoder();

/** The same names always give the same id, so a repeated command makes nothing twice. */
export const derivedId = (...names: readonly string[]): string => {
  let text = '';
  // The length keeps ('a','bc') and ('ab','c') apart without forbidding any character.
  for (const name of names) text += `${name.length}:${name}`;
  // Half a character would be written as the sign for "unknown", and then two names would have one id.
  if (!text.isWellFormed()) throw new URIError('a name holds half a character');
  // The library's own way from a text to bytes takes longer than the digest.
  return v5(utf8.encode(text), NAMESPACE);
};

export const eventId = (commandId: string, index: number): string => derivedId(commandId, 'event', String(index));

export const isUuid = (value: string): boolean => validate(value);
