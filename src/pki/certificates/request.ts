import { AsnConvert } from '@peculiar/asn1-schema';
import { CertificationRequest } from '@peculiar/asn1-csr';
import { Extensions, SubjectAlternativeName, type Name } from '@peculiar/asn1-x509';
import { verify } from 'node:crypto';
import { children, MalformedDer, onlyElement } from '../der/decode.js';
import { explicit, integer, sequence, TAG } from '../der/encode.js';
import { kindOf, type KeyKind } from '../keys/key-kinds.js';
import { publicKeyOf } from '../keys/signature-algorithm.js';
import { signed, type Signer } from '../keys/signer.js';
import { encodeName, type DistinguishedName } from '../names.js';
import { EXTENSION, EXTENSION_REQUEST, SIGNATURE } from '../object-ids.js';

/** PKCS#10 with nothing but a name and a key: what else stands in a certificate, its profile says. */
export const writeRequest = (signer: Signer, subject: DistinguishedName): Promise<Buffer> =>
  signed(signer, sequence(integer(0), encodeName(subject), signer.spki, explicit(0)));

export type RequestProblem = 'NOT_A_REQUEST' | 'ALGORITHM' | 'KEY' | 'SIGNATURE';

export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly problem: RequestProblem;

  constructor(problem: RequestProblem) {
    super(`the certificate signing request is refused: ${problem}`);
    this.problem = problem;
  }
}

export interface ReadRequest {
  readonly spki: Buffer;
  readonly keyKind: KeyKind;
  readonly commonName: string | undefined;
  /** Those of the request's own subject alternative name; whether they are granted is not decided here. */
  readonly dnsNames: readonly string[];
}

const REQUEST_MAX_BYTES = 65_536;

const HASHES: Readonly<Record<string, string>> = {
  [SIGNATURE.sha256WithRSAEncryption]: 'sha256',
  [SIGNATURE.sha384WithRSAEncryption]: 'sha384',
  [SIGNATURE.sha512WithRSAEncryption]: 'sha512',
  [SIGNATURE.ecdsaWithSHA256]: 'sha256',
  [SIGNATURE.ecdsaWithSHA384]: 'sha384',
  [SIGNATURE.ecdsaWithSHA512]: 'sha512',
};

/** Reads a request and proves that whoever made it has the private key. Throws `RequestRefused`. */
export const readRequest = (der: Buffer): ReadRequest => {
  const { parsed, tbs, spki } = parse(der);
  const hash = HASHES[parsed.signatureAlgorithm.algorithm];
  if (hash === undefined) throw new RequestRefused('ALGORITHM');
  const keyKind = keyKindOf(spki);
  const isProven = verify(hash, tbs, publicKeyOf(spki), Buffer.from(parsed.signature));
  if (!isProven) throw new RequestRefused('SIGNATURE');
  const { subject, attributes } = parsed.certificationRequestInfo;
  const extensions = [...attributes].filter(({ type }) => type === EXTENSION_REQUEST).flatMap(({ values }) => values);
  try {
    return { spki, keyKind, commonName: commonNameIn(subject), dnsNames: extensions.flatMap(dnsNamesIn) };
  } catch {
    throw new RequestRefused('NOT_A_REQUEST');
  }
};

const parse = (der: Buffer): { parsed: CertificationRequest; tbs: Buffer; spki: Buffer } => {
  try {
    if (der.length > REQUEST_MAX_BYTES) throw new MalformedDer('too long');
    const [info] = children(onlyElement(der, TAG.sequence));
    const [, , key] = children(onlyElement(info?.raw ?? Buffer.alloc(0), TAG.sequence));
    if (info === undefined || key === undefined) throw new MalformedDer('not a request');
    return { parsed: AsnConvert.parse(der, CertificationRequest), tbs: info.raw, spki: key.raw };
  } catch {
    throw new RequestRefused('NOT_A_REQUEST');
  }
};

const keyKindOf = (spki: Buffer): KeyKind => {
  try {
    const kind = kindOf(spki);
    if (kind !== undefined) return kind;
  } catch {
    // Not even a key.
  }
  throw new RequestRefused('KEY');
};

const COMMON_NAME = '2.5.4.3';
const commonNameIn = (name: Name): string | undefined =>
  [...name]
    .flat()
    .find(({ type }) => type === COMMON_NAME)
    ?.value.toString();

const dnsNamesIn = (value: ArrayBuffer): string[] =>
  [...AsnConvert.parse(value, Extensions)]
    .filter(({ extnID }) => extnID === EXTENSION.subjectAltName)
    .flatMap(({ extnValue }) => [...AsnConvert.parse(extnValue.buffer, SubjectAlternativeName)])
    .flatMap(({ dNSName }) => dNSName ?? []);
