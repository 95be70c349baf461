import type { Authority } from '../authorities/authority.js';
import { verifies } from '../keys/signature-algorithm.js';
import { frame } from '../keys/signer.js';
import { lint, ProfileViolation } from '../lint/lint.js';
import { type DistinguishedName, encodeName } from '../names.js';
import { PROFILES } from '../profiles/catalogue.js';
import type { ProfileId } from '../profiles/profile.js';
import type { Validity } from '../profiles/term.js';
import { subjectAltName } from './extensions.js';
import { newSerial, type IssuanceRegister } from './serial.js';
import { writeTbsCertificate } from './tbs-certificate.js';

export interface IssueOrder {
  readonly issuanceId: string;
  /** By name: no profile but the catalogue's is ever signed. */
  readonly profile: ProfileId;
  readonly subject: DistinguishedName;
  readonly spki: Buffer;
  readonly validity: Validity;
  readonly dnsNames?: readonly string[];
}

/** What the signer answered is not a signature of these bytes: a faulty module, or a key that was exchanged. */
export class SignatureFault extends Error {
  override readonly name = 'SignatureFault';
}

const RESERVATION_TRIES = 3;

/**
 * The only way to a certificate: written, held against its profile, its serial reserved, signed, the signature
 * checked, kept. Asked again for the same issuance it answers the certificate that was kept.
 *
 * One serial, one body: whoever goes on after a crash signs what the one before may have signed. Where that is not to be
 * signed any more (the order or the authority is another, or so long ago that it would be dated back), it takes another serial.
 */
export const issue = async (
  authority: Authority,
  order: IssueOrder,
  register: IssuanceRegister,
  now: Date,
): Promise<Buffer> => {
  const named = { authorityId: authority.id, issuanceId: order.issuanceId };
  let instead: string | undefined;
  for (let attempt = 0; attempt < RESERVATION_TRIES; attempt++) {
    const kept = await register.kept(authority.id, order.issuanceId);
    if (kept !== undefined) return kept;
    const serial = newSerial();
    // Judged first, so that an order outside its profile leaves no serial behind.
    const body = checkedBody(authority, order, serial, now);
    const reserved = await register.reserve({ ...named, serial, body, ...(instead === undefined ? {} : { instead }) });
    const isRight = reserved?.serial === serial || (reserved && isOf(reserved.body, authority, order, now));
    if (reserved && isRight) {
      return register.keep(authority.id, order.issuanceId, await signed(authority, reserved.body));
    }
    instead = reserved?.serial;
  }
  throw new Error('the register refuses every serial'); // Three collisions of 128 random bits are not chance.
};

const signed = async ({ signer }: Authority, tbs: Buffer): Promise<Buffer> => {
  const signature = await signer.sign(tbs);
  if (!verifies(signer.alg, signer.spki, tbs, signature)) {
    throw new SignatureFault(`the key ${signer.keyId} answered a wrong signature`);
  }
  return frame(tbs, signer.alg, signature);
};

const checkedBody = (authority: Authority, order: IssueOrder, serial: string, now: Date): Buffer => {
  const profile = PROFILES[order.profile];
  const tbs = writeTbsCertificate(authority, { ...order, profile, serial });
  const findings = lint(tbs, { profile, issuer: authority, now });
  if (findings.length > 0) throw new ProfileViolation(findings);
  return tbs;
};

/** Whether what was reserved before says what this order would say now, but for its time. */
const isOf = (body: Buffer, authority: Authority, { profile, subject, spki, dnsNames }: IssueOrder, now: Date) => {
  const parts = [encodeName(subject), spki, ...(dnsNames ? [subjectAltName(dnsNames)] : [])];
  if (!parts.every((part) => body.includes(part))) return false;
  return lint(body, { profile: PROFILES[profile], issuer: authority, now }).length === 0;
};
