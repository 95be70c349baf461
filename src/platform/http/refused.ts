import type { Refusal, RefusalCode } from '../../kernel/refusal.js';
import type { Decided } from '../commands/sender.js';

/** What an auditor must see: reaching for what is not theirs, and trying what only its owner can know. */
const NOTEWORTHY: readonly RefusalCode[] = [
  'NOT_PERMITTED',
  'CSRF_TOKEN_WRONG',
  'ACCESS_TOKEN_WRONG',
  'CURRENT_PASSWORD_WRONG',
];

/** Carries a refusal through the framework to the one place that turns it into an answer. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly refusal: Refusal,
    /** Also true where the answer does not say why. */
    readonly noteworthy = NOTEWORTHY.includes(refusal.code),
  ) {
    super(refusal.code);
  }
}

export const orRefuse = (decided: Decided): Decided => {
  if (decided.refusal) throw new Refused(decided.refusal);
  return decided;
};
