import { randomUUID } from 'node:crypto';
import type { Proposed, Recorded } from '../vocabulary.js';

/** A stream nobody has used. */
export const newStream = (category = 'contract'): string => `${category}-${randomUUID()}`;

export const event = (data: unknown = { said: 'something' }, more: Partial<Proposed> = {}): Proposed => ({
  id: randomUUID(),
  type: 'contract.SomethingSaid',
  data,
  ...more,
});

export const events = (count: number): Proposed[] =>
  Array.from({ length: count }, (_, index) => event({ number: index }));

export const idsOf = (list: readonly Proposed[]): string[] => list.map(({ id }) => id);
export const revisionsOf = (list: readonly Recorded[]): bigint[] => list.map(({ revision }) => revision);

/** 0n, 1n, … up to and without `end`. */
export const upTo = (end: number): bigint[] => Array.from({ length: end }, (_, index) => BigInt(index));
