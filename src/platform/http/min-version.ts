import { invalid } from '../../kernel/refusal.js';
import { Refused } from './refused.js';

const WHOLE = /^\d+$/;

/** `?minVersion=n`: the caller has seen a command's answer and wants rows that show it. */
export const minVersionOf = (given: string | undefined): number => {
  if (given === undefined) return -1;
  const version = Number(given);
  if (WHOLE.test(given) && Number.isSafeInteger(version)) return version;
  throw new Refused(invalid([{ field: 'minVersion', rule: 'format', params: { format: 'a version from an answer' } }]));
};
