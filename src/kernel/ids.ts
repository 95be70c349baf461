import { hash } from 'node:crypto';
import { parse, validate } from 'uuid';

/** Fixed for ever: another value would give every repeated command new event ids. */
const NAMESPACE = parse('6f1c7a52-64a7-5c0e-9f0e-5a1d0b9f7a11');

/** Of the digest's digit at the variant's place two bits stay. */
const VARIANTS = '89ab89ab89ab89ab';

/**
 * The same names always give the same id, so a repeated command makes nothing twice. A UUID of version 5, as the library
 * would make it; but its digest is an object for each id, which cost more than all the rest of a decision (0062).
 */
export const derivedId = (...names: readonly string[]): string => {
  let text = '';
  // The length keeps ('a','bc') and ('ab','c') apart without forbidding any character.
  for (const name of names) text += `${name.length}:${name}`;
  // Half a character would be written as the sign for "unknown", and then two names would have one id.
  if (!text.isWellFormed()) throw new URIError('a name holds half a character');
  const digest = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(text)]), 'hex');
  const [third, fourth] = [digest.slice(13, 16), VARIANTS[parseInt(digest[16]!, 16)]! + digest.slice(17, 20)];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${third}-${fourth}-${digest.slice(20, 32)}`;
};

export const eventId = (commandId: string, index: number): string => derivedId(commandId, 'event', String(index));

export const isUuid = (value: string): boolean => validate(value);
