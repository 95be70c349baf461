import { AsnConvert } from '@peculiar/asn1-schema';
import { Name, Validity } from '@peculiar/asn1-x509';
import { children, elementAt, expectTag, MalformedDer, onlyElement } from '../der/decode.js';
import { explicit, integer, objectId, TAG } from '../der/encode.js';
import { kindOf, type KeyKind } from '../keys/key-kinds.js';
import { EXTENSION } from '../object-ids.js';

/**
 * A certificate body, read by others than its writer: names and dates by a library, the key by OpenSSL. What
 * can be compared with known bytes stays bytes.
 */
export interface Body {
  readonly version: Buffer;
  readonly serial: Buffer;
  readonly signatureAlgorithm: Buffer;
  readonly issuer: Buffer;
  readonly validity: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectBytes: Buffer;
  readonly subject: Name;
  readonly spki: Buffer;
  readonly keyKind: KeyKind | undefined;
  readonly extensions: readonly { readonly id: string; readonly raw: Buffer }[];
}

/** Version, serial, algorithm, issuer, validity, subject, key, extensions: nothing left out, no unique identifiers. */
const PARTS = 8;
const EXTENSIONS = 0xa3;

export const VERSION_3 = explicit(0, integer(2));

export const readBody = (tbs: Buffer): Body => {
  const parts = children(onlyElement(tbs, TAG.sequence));
  if (parts.length !== PARTS) throw new MalformedDer('not a certificate body');
  const raw = (index: number): Buffer => parts[index]!.raw;
  const list = onlyElement(expectTag(parts[7], EXTENSIONS).content, TAG.sequence);
  const { notBefore, notAfter } = parse(raw(4), Validity);
  return {
    version: raw(0),
    serial: expectTag(parts[1], TAG.integer).content,
    signatureAlgorithm: raw(2),
    issuer: raw(3),
    validity: raw(4),
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
    subjectBytes: raw(5),
    subject: parse(raw(5), Name),
    spki: raw(6),
    keyKind: kindOf(raw(6)),
    extensions: children(list).map((extension) => ({ id: idOf(extension.raw), raw: extension.raw })),
  };
};

const parse = <T>(der: Buffer, type: new () => T): T => {
  try {
    return AsnConvert.parse(der, type);
  } catch {
    throw new MalformedDer('the library cannot read it');
  }
};

const KNOWN = new Map(Object.values(EXTENSION).map((id) => [objectId(id).toString('hex'), id as string]));

/** Dotted, or in hex when it is none of ours. */
const idOf = (extension: Buffer): string => {
  const [id] = children(elementAt(extension));
  const hex = expectTag(id, TAG.objectId).raw.toString('hex');
  return KNOWN.get(hex) ?? hex;
};
