import type { Refusal, RefusalCode } from '../../kernel/refusal.js';
import type { Decided } from '../commands/sender.js';

/** What somebody hears who reaches for what is not theirs, or guesses at a secret: an auditor must see each. */
const SECURITY_RELEVANT: readonly RefusalCode[] = [
  'NOT_PERMITTED',
  'CSRF_TOKEN_WRONG',
  'ACCESS_TOKEN_WRONG',
  'CURRENT_PASSWORD_WRONG',
  'PIN_REFUSED',
  'TOO_MANY_PINS',
  'TICKET_NOT_USABLE',
  'SECOND_PERSON_REQUIRED',
  'IDENTITY_DOCUMENT_NOT_SEEN',
];
const isSecurityRelevant = ({ code }: Refusal): boolean => SECURITY_RELEVANT.includes(code);

/** Carries a refusal through the framework to the one place that turns it into an answer. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly refusal: Refusal,
    /** Whether it needs a line of its own in the history; also where the answer does not say what was tried. */
    readonly noteworthy = isSecurityRelevant(refusal),
  ) {
    super(refusal.code);
  }
}

export const orRefuse = (decided: Decided): Decided => {
  const { refusal, events } = decided;
  // Where the decision left an event behind, that is its line.
  if (refusal) throw new Refused(refusal, events.length === 0 && isSecurityRelevant(refusal));
  return decided;
};
