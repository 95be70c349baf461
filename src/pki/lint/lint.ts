import { algorithmIdentifier } from '../keys/signature-algorithm.js';
import { readBody, VERSION_3, type Body } from './body.js';
import { lintExtensions } from './extensions.js';
import type { Finding, Report, Yardstick } from './finding.js';
import { lintSubject } from './subject.js';
import { lintValidity } from './validity.js';

/** The certificate would not be what its profile says, so it was not signed. */
export class ProfileViolation extends Error {
  override readonly name = 'ProfileViolation';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(
      `not signed: ${findings.map(({ code, part }) => (part === undefined ? code : `${code} (${part})`)).join(', ')}`,
    );
    this.findings = findings;
  }
}

const SERIAL_BYTES = 16;

/** Holds the very bytes that are about to be signed against their profile. No findings: sign. */
export const lint = (tbs: Buffer, yardstick: Yardstick): Finding[] => {
  const findings: Finding[] = [];
  const report: Report = (code, part) => void findings.push(part === undefined ? { code } : { code, part });
  const body = readBody(tbs);
  lintFrame(body, yardstick, report);
  lintSubject(body, yardstick, report);
  lintValidity(body, yardstick, report);
  lintExtensions(body, yardstick, report);
  return findings;
};

const lintFrame = (body: Body, { profile, issuer }: Yardstick, report: Report): void => {
  const { version, serial, keyKind } = body;
  if (!version.equals(VERSION_3)) report('VERSION');
  // A leading zero only says that the number is positive.
  const magnitude = serial[0] === 0 ? serial.subarray(1) : serial;
  const isNegative = ((serial[0] ?? 0) & 0x80) !== 0;
  if (isNegative || magnitude.length !== SERIAL_BYTES) report('SERIAL');
  if (!body.signatureAlgorithm.equals(algorithmIdentifier(issuer.signer.alg))) report('SIGNATURE_ALGORITHM');
  if (!body.issuer.equals(issuer.name)) report('ISSUER_NAME');
  if (!issuer.issues.includes(profile.id)) report('PROFILE_NOT_ISSUED_HERE');
  if (keyKind === undefined || !profile.keys.includes(keyKind)) report('KEY_KIND');
};
