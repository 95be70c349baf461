/** RFC 5280 §5.3.1. Hold and its removal are left out on purpose: revocation here is final. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const;

export type RevocationReason = keyof typeof REVOCATION_REASONS;

/** How a reason is written: RFC 5280 wants `unspecified` left out rather than written as 0. */
export const reasonCode = (reason: RevocationReason): number | undefined => REVOCATION_REASONS[reason] || undefined;

const DAY_MS = 86_400_000;
/** Two weeks to change over to the new certificate, and only then. */
const DEFERRAL_MAX_MS = 14 * DAY_MS;

/** Only a certificate that was merely replaced may live on for a while; every other reason takes effect at once. */
export const mayTakeEffectAt = (reason: RevocationReason, decidedAt: Date, effectiveAt: Date): boolean => {
  const deferralMs = effectiveAt.getTime() - decidedAt.getTime();
  return deferralMs === 0 || (reason === 'superseded' && deferralMs > 0 && deferralMs <= DEFERRAL_MAX_MS);
};
