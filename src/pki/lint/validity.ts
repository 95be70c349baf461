import { AsnConvert } from '@peculiar/asn1-schema';
import { Validity } from '@peculiar/asn1-x509';
import type { ValidityRule } from '../profiles/profile.js';
import { termOf } from '../profiles/term.js';
import type { Body } from './body.js';
import type { Report, Yardstick } from './finding.js';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
/** A retried issue keeps the moment at which it was decided; older than this, it must be decided again. */
const BACKDATING_MAX_MS = 2 * DAY_MS;
/** Until when 112 bits of strength are held to suffice; after it, RSA needs 3072 bits. */
const RSA_2048_UNTIL = new Date('2031-01-01T00:00:00Z');

export const lintValidity = (
  { validity, notBefore, notAfter, keyKind }: Body,
  { profile, issuer, now }: Yardstick,
  report: Report,
): void => {
  const written = AsnConvert.serialize(new Validity({ notBefore, notAfter }));
  if (!validity.equals(Buffer.from(written))) report('VALIDITY_FORM');
  if (notBefore > now) report('NOT_BEFORE_IN_FUTURE');
  if (notBefore.getTime() < now.getTime() - BACKDATING_MAX_MS) report('BACKDATED');
  if (notBefore < issuer.notBefore) report('BEFORE_ISSUER');
  if (notAfter > issuer.notAfter) report('OUTLIVES_ISSUER');
  if (!isTermAllowed(profile.validity, notBefore, notAfter)) report('TERM');
  if (keyKind === 'rsa-2048' && notAfter >= RSA_2048_UNTIL) report('KEY_TOO_WEAK_FOR_TERM');
};

const isTermAllowed = (rule: ValidityRule, notBefore: Date, notAfter: Date): boolean => {
  if (rule.kind === 'years') {
    return rule.allowed.some((years) => termOf(notBefore, years).notAfter.getTime() === notAfter.getTime());
  }
  const limit = rule.maxDaysFrom.findLast(([from]) => new Date(from) <= notBefore)?.[1] ?? 0;
  // Both ends belong to the validity, so a term of a day ends one second before the same time tomorrow.
  const length = notAfter.getTime() - notBefore.getTime() + SECOND_MS;
  return length > SECOND_MS && length <= limit * DAY_MS;
};
