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
