import type { Profile } from '../profiles/profile.js';
import type { RevocationReason } from './reasons.js';

const DAY_MS = 86_400_000;
/** Two weeks to change over to the new certificate, and only then. */
const DEFERRAL_MAX_MS = 14 * DAY_MS;

export interface RevocationOrder {
  readonly reason: RevocationReason;
  readonly decidedAt: Date;
  /** From when on it counts. */
  readonly effectiveAt: Date;
}

export type RevocationProblem = 'REASON_NOT_ALLOWED' | 'MUST_TAKE_EFFECT_AT_ONCE';

/** Only a certificate that was merely replaced may live on for a while; every other reason counts at once. */
export const revocationProblem = (
  { revocationReasons }: Profile,
  { reason, decidedAt, effectiveAt }: RevocationOrder,
): RevocationProblem | undefined => {
  if (!revocationReasons.includes(reason)) return 'REASON_NOT_ALLOWED';
  const deferralMs = effectiveAt.getTime() - decidedAt.getTime();
  const longestMs = reason === 'superseded' ? DEFERRAL_MAX_MS : 0;
  return deferralMs < 0 || deferralMs > longestMs ? 'MUST_TAKE_EFFECT_AT_ONCE' : undefined;
};
