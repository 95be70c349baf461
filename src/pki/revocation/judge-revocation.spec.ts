import { describe, expect, it } from '@jest/globals';
import { PROFILES } from '../profiles/catalogue.js';
import type { ProfileId } from '../profiles/profile.js';
import { revocationProblem } from './judge-revocation.js';
import type { RevocationReason } from './reasons.js';

const decidedAt = new Date('2026-07-08T01:00:00Z');
const DAY_MS = 86_400_000;
const judge = (profile: ProfileId, reason: RevocationReason, delayMs: number): string | undefined =>
  revocationProblem(PROFILES[profile], {
    reason,
    decidedAt,
    effectiveAt: new Date(decidedAt.getTime() + delayMs),
  });

describe('a revocation', () => {
  it.each<[RevocationReason, number, string | undefined]>([
    ['keyCompromise', 0, undefined],
    ['keyCompromise', 1, 'MUST_TAKE_EFFECT_AT_ONCE'],
    ['keyCompromise', -1, 'MUST_TAKE_EFFECT_AT_ONCE'],
    ['cessationOfOperation', 1, 'MUST_TAKE_EFFECT_AT_ONCE'],
    ['superseded', 0, undefined],
    ['superseded', 14 * DAY_MS, undefined],
    ['superseded', 14 * DAY_MS + 1, 'MUST_TAKE_EFFECT_AT_ONCE'],
    ['superseded', -1, 'MUST_TAKE_EFFECT_AT_ONCE'],
  ])('for %s, %d ms after it was decided: %s', (reason, delayMs, problem) => {
    expect(judge('server-organization', reason, delayMs)).toBe(problem);
  });

  it.each<[ProfileId, RevocationReason, string | undefined]>([
    ['personal-signing', 'privilegeWithdrawn', undefined],
    ['personal-signing', 'cACompromise', 'REASON_NOT_ALLOWED'],
    ['signing-authority', 'cACompromise', undefined],
    ['signing-authority', 'affiliationChanged', 'REASON_NOT_ALLOWED'],
    ['ocsp-responder', 'keyCompromise', 'REASON_NOT_ALLOWED'],
    ['root', 'cACompromise', 'REASON_NOT_ALLOWED'],
  ])('of a certificate under %s for %s: %s', (profile, reason, problem) => {
    expect(judge(profile, reason, 0)).toBe(problem);
  });
});
