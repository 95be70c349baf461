import { readTbsCertificate } from '../certificates/read-certificate.js';
import { children, MalformedDer, onlyElement, type Element } from '../der/decode.js';
import { TAG } from '../der/encode.js';
import { kindOf } from '../keys/key-kinds.js';
import { algorithmIdentifier } from '../keys/signature-algorithm.js';
import { lintExtensions } from './extensions.js';
import type { Body, Finding, Report, Yardstick } from './finding.js';
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

const VERSION_3 = 2;
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

/** Version, serial, algorithm, issuer, validity, subject, key, extensions: nothing left out, no unique identifiers. */
const BODY_PARTS = 8;

const readBody = (tbs: Buffer): Body => {
  const parts = children(onlyElement(tbs, TAG.sequence));
  if (parts.length !== BODY_PARTS) throw new MalformedDer('not a certificate body');
  const part = (index: number): Element => parts[index]!;
  return {
    parsed: readTbsCertificate(tbs),
    signatureAlgorithm: part(2).raw,
    issuer: part(3).raw,
    validity: part(4).raw,
    spki: part(6).raw,
    extensions: children(onlyElement(part(7).content, TAG.sequence)).map(({ raw }) => raw),
  };
};

const lintFrame = (body: Body, { profile, issuer }: Yardstick, report: Report): void => {
  const { parsed, signatureAlgorithm, spki } = body;
  // The version's type is an enumeration that stops short of being one at run time.
  if (Number(parsed.version) !== VERSION_3) report('VERSION');
  const serial = Buffer.from(parsed.serialNumber);
  // A leading zero only says that the number is positive.
  const magnitude = serial[0] === 0 ? serial.subarray(1) : serial;
  const isNegative = ((serial[0] ?? 0) & 0x80) !== 0;
  if (isNegative || magnitude.length !== SERIAL_BYTES) report('SERIAL');
  if (!signatureAlgorithm.equals(algorithmIdentifier(issuer.signer.alg))) report('SIGNATURE_ALGORITHM');
  if (!body.issuer.equals(issuer.name)) report('ISSUER_NAME');
  if (!issuer.issues.includes(profile.id)) report('PROFILE_NOT_ISSUED_HERE');
  const kind = kindOf(spki);
  if (kind === undefined || !profile.keys.includes(kind)) report('KEY_KIND');
};
