import { LRUCache } from 'lru-cache';
import type { CertificateId } from './request.js';
import type { CertificateStatus, OcspAnswer } from './status.js';

/** What was true of a certificate, and what was said. */
export interface KnownAnswer {
  readonly status: CertificateStatus;
  readonly answer: OcspAnswer;
}

const ANSWERS_MAX = 10_000;
/** Whoever gets an answer shall have some use of it: it is made anew so long before its end. */
const RENEWED_BEFORE_END_MS = 10 * 60_000;

/**
 * Signed answers by what was asked about: a signature costs more than all the rest. However a question about one
 * certificate is dressed, it finds the same answer.
 */
export class ReusedAnswers {
  readonly #answers = new LRUCache<string, KnownAnswer>({ max: ANSWERS_MAX });

  find({ raw }: CertificateId): KnownAnswer | undefined {
    return this.#answers.get(raw.toString('latin1'));
  }

  keep({ raw }: CertificateId, known: KnownAnswer): void {
    this.#answers.set(raw.toString('latin1'), known);
  }
}

/** Nothing has changed, and the answer is neither from the future nor about to end. */
export const isStillTrue = (
  { status, answer: { reusable } }: KnownAnswer,
  present: CertificateStatus,
  now: Date,
): boolean =>
  reusable !== undefined &&
  now >= reusable.thisUpdate &&
  now.getTime() < reusable.nextUpdate.getTime() - RENEWED_BEFORE_END_MS &&
  isSame(status, present);

const isSame = (one: CertificateStatus, other: CertificateStatus): boolean => {
  if (one.kind !== 'revoked' || other.kind !== 'revoked') return one.kind === other.kind;
  return one.effectiveAt.getTime() === other.effectiveAt.getTime() && one.reason === other.reason;
};
