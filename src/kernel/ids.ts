import { v5, validate } from 'uuid';

/** Fixed for ever: another value would give every repeated command new event ids. */
const NAMESPACE = '6f1c7a52-64a7-5c0e-9f0e-5a1d0b9f7a11';

/** The same names always give the same id, so a repeated command makes nothing twice. */
export const derivedId = (...names: readonly string[]): string =>
  // The length keeps ('a','bc') and ('ab','c') apart without forbidding any character.
  v5(names.map((name) => `${name.length}:${name}`).join(''), NAMESPACE);

export const eventId = (commandId: string, index: number): string => derivedId(commandId, 'event', String(index));

export const isUuid = (value: string): boolean => validate(value);
