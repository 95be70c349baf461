import { LRUCache } from 'lru-cache';
import type { OcspRequest } from './request.js';
import type { CertificateStatus, OcspAnswer } from './status.js';

/** What was asked, what was true then, and what was said. */
export interface KnownAnswer {
  readonly request: OcspRequest;
  readonly statuses: readonly CertificateStatus[];
  readonly answer: OcspAnswer;
}

const ANSWERS_MAX = 10_000;
/** Whoever gets an answer shall have some use of it: it is made anew so long before its end. */
const RENEWED_BEFORE_END_MS = 10 * 60_000;

/**
 * Signed answers by the bytes of their questions: a signature costs more than all the rest. Questions with a
 * nonce never come here, for their answers are made for one asker.
 */
export class ReusedAnswers {
  readonly #answers = new LRUCache<string, KnownAnswer>({ max: ANSWERS_MAX });

  find(question: Buffer): KnownAnswer | undefined {
    return this.#answers.get(question.toString('latin1'));
  }

  keep(question: Buffer, known: KnownAnswer): void {
    this.#answers.set(question.toString('latin1'), known);
  }
}

/** Nothing has changed, and the answer is neither from the future nor about to end. */
export const isStillTrue = (
  { statuses, answer: { reusable } }: KnownAnswer,
  present: readonly CertificateStatus[],
  now: Date,
): boolean =>
  reusable !== undefined &&
  now >= reusable.thisUpdate &&
  now.getTime() < reusable.nextUpdate.getTime() - RENEWED_BEFORE_END_MS &&
  statuses.every((status, index) => isSame(status, present[index]));

const isSame = (one: CertificateStatus, other: CertificateStatus | undefined): boolean => {
  if (one.kind !== 'revoked' || other?.kind !== 'revoked') return one.kind === other?.kind;
  return one.effectiveAt.getTime() === other.effectiveAt.getTime() && one.reason === other.reason;
};
