import type { Refusal } from '../../kernel/refusal.js';
import type { Decided } from '../commands/sender.js';

/** Carries a refusal through the framework to the one place that turns it into an answer. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly refusal: Refusal,
    /** True where somebody known reached for what is not theirs, though the answer does not say so. */
    readonly noteworthy = refusal.code === 'NOT_PERMITTED',
  ) {
    super(refusal.code);
  }
}

export const orRefuse = (decided: Decided): Decided => {
  if (decided.refusal) throw new Refused(decided.refusal);
  return decided;
};
