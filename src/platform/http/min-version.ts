import { invalid } from '../../kernel/refusal.js';
import { Refused } from './refused.js';

/** `?minVersion=n`: the caller has seen a command's answer and wants rows that show it. */
export const minVersionOf = (given: string | undefined): number => {
  if (given === undefined) return -1;
  const version = Number(given);
  if (Number.isSafeInteger(version) && version >= 0) return version;
  throw new Refused(invalid([{ field: 'minVersion', rule: 'format', params: { format: 'a version from an answer' } }]));
};
