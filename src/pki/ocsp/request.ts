import { children, expectTag, MalformedDer, onlyElement, type Element } from '../der/decode.js';
import { NULL, objectId, TAG } from '../der/encode.js';
import { OCSP } from '../object-ids.js';

/** Which certificate is asked about: its issuer by two hashes, and its serial. */
export interface CertificateId {
  /** Repeated as it came, so that the asker recognises it. */
  readonly raw: Buffer;
  readonly hashAlgorithm: Buffer;
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  /** Lower-case hex of its bytes, none of them a leading zero. */
  readonly serial: string;
}

export interface OcspRequest {
  readonly certificates: readonly CertificateId[];
  /** The DER OCTET STRING that is to be repeated. */
  readonly nonce?: Buffer;
}

/** Anybody may ask anything: everything is bounded. */
export const REQUEST_MAX_BYTES = 4096;
const CERTIFICATES_MAX = 16;
/** RFC 9654. */
const NONCE_MAX_BYTES = 128;
/** RFC 5280 §4.1.2.2, and the zero byte before a high first bit. */
const SERIAL_MAX_BYTES = 21;

const NONCE = objectId(OCSP.nonce);
const REQUEST_LIST = TAG.sequence;
const REQUEST_EXTENSIONS = 0xa2;
const VERSION = 0xa0;
const REQUESTOR_NAME = 0xa1;

/** Throws `MalformedDer`. Signatures on requests are not looked at, as RFC 6960 allows. */
export const readOcspRequest = (bytes: Buffer): OcspRequest => {
  if (bytes.length > REQUEST_MAX_BYTES) throw new MalformedDer('too long');
  const [tbs] = children(onlyElement(bytes, TAG.sequence));
  const fields = children(expectTag(tbs, TAG.sequence));
  const list = fields.find(({ tag }) => tag === REQUEST_LIST);
  if (fields.some(({ tag }) => ![VERSION, REQUESTOR_NAME, REQUEST_LIST, REQUEST_EXTENSIONS].includes(tag))) {
    throw new MalformedDer('an unknown field');
  }
  const certificates = children(expectTag(list, TAG.sequence)).map(readCertificateId);
  if (certificates.length === 0 || certificates.length > CERTIFICATES_MAX) throw new MalformedDer('too many or none');
  const extensions = fields.find(({ tag }) => tag === REQUEST_EXTENSIONS);
  const nonce = extensions === undefined ? undefined : readNonce(extensions);
  return nonce === undefined ? { certificates } : { certificates, nonce };
};

/**
 * Nothing but what it must hold, in the one form of DER: otherwise a stranger could ask about one certificate in
 * any number of ways, and each would be another question.
 */
const readCertificateId = (request: Element): CertificateId => {
  const [id] = children(expectTag(request, TAG.sequence));
  const [algorithm, name, key, serial, ...more] = children(expectTag(id, TAG.sequence));
  const [hash, parameters, ...others] = children(expectTag(algorithm, TAG.sequence));
  if (more.length > 0 || others.length > 0 || parameters?.raw.equals(NULL) === false)
    throw new MalformedDer('more than the id of a certificate');
  const number = expectTag(serial, TAG.integer).content;
  const isPadded = number.length > 1 && number[0] === 0 && number[1]! < 0x80;
  if (number.length === 0 || number.length > SERIAL_MAX_BYTES || isPadded) throw new MalformedDer('no serial');
  return {
    raw: expectTag(id, TAG.sequence).raw,
    hashAlgorithm: expectTag(hash, TAG.objectId).raw,
    issuerNameHash: expectTag(name, TAG.octetString).content,
    issuerKeyHash: expectTag(key, TAG.octetString).content,
    serial: number.toString('hex', number[0] === 0 ? 1 : 0),
  };
};

const readNonce = (field: Element): Buffer | undefined => {
  const [list] = children(field);
  for (const extension of children(expectTag(list, TAG.sequence))) {
    const [id, ...rest] = children(expectTag(extension, TAG.sequence));
    if (!expectTag(id, TAG.objectId).raw.equals(NONCE)) continue;
    const value = expectTag(rest.at(-1), TAG.octetString);
    const { content } = onlyElement(value.content, TAG.octetString);
    if (content.length === 0 || content.length > NONCE_MAX_BYTES) throw new MalformedDer('nonce of a wrong length');
    return value.content;
  }
  return undefined;
};
