import type { Authority } from '../authorities/authority.js';
import { verifies } from '../keys/signature-algorithm.js';
import { frame } from '../keys/signer.js';
import { lint, ProfileViolation } from '../lint/lint.js';
import type { DistinguishedName } from '../names.js';
import { PROFILES } from '../profiles/catalogue.js';
import type { ProfileId } from '../profiles/profile.js';
import type { Validity } from '../profiles/term.js';
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
 */
export const issue = async (
  authority: Authority,
  order: IssueOrder,
  register: IssuanceRegister,
  now: Date,
): Promise<Buffer> => {
  const kept = await register.kept(authority.id, order.issuanceId);
  if (kept !== undefined) return kept;
  const write = (serial: string): Buffer => checkedBody(authority, order, serial, now);
  const { serial, body } = await reserveSerial(authority, order, register, write);
  const tbs = body ?? write(serial);
  const signature = await authority.signer.sign(tbs);
  if (!verifies(authority.signer.alg, authority.signer.spki, tbs, signature)) {
    throw new SignatureFault(`the key ${authority.signer.keyId} answered a wrong signature`);
  }
  return register.keep(authority.id, order.issuanceId, frame(tbs, authority.signer.alg, signature));
};

const checkedBody = (authority: Authority, order: IssueOrder, serial: string, now: Date): Buffer => {
  const profile = PROFILES[order.profile];
  const tbs = writeTbsCertificate(authority, { ...order, profile, serial });
  const findings = lint(tbs, { profile, issuer: authority, now });
  if (findings.length > 0) throw new ProfileViolation(findings);
  return tbs;
};

/** The body comes along when it was written with the very serial that was reserved. */
const reserveSerial = async (
  { id: authorityId }: Authority,
  { issuanceId }: IssueOrder,
  register: IssuanceRegister,
  write: (serial: string) => Buffer,
): Promise<{ serial: string; body?: Buffer }> => {
  for (let attempt = 0; attempt < RESERVATION_TRIES; attempt++) {
    const proposed = newSerial();
    // Judged first, so that an order outside its profile leaves no serial behind.
    const body = write(proposed);
    const serial = await register.reserve({ authorityId, issuanceId, serial: proposed });
    if (serial !== undefined) return serial === proposed ? { serial, body } : { serial };
  }
  throw new Error('the register refuses every serial'); // Three collisions of 128 random bits are not chance.
};
