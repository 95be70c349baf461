import { createHash } from 'node:crypto';
import { bmpString, explicit, implicit, integer, objectId, octetString, sequence, setOf } from '../der/encode.js';
import { PROTECTIONS, type Password, type PfxForm, type Protection } from './forms.js';

export interface PfxContent {
  readonly form: PfxForm;
  /** Plain PKCS#8. */
  readonly privateKey: Buffer;
  /** The holder's certificate first, then its issuers. */
  readonly certificates: readonly Buffer[];
  /** What key stores show, in any script. */
  readonly friendlyName: string;
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const VERSION = 3;

/** RFC 7292: one encrypted safe with the certificates, one plain safe with the encrypted key, one MAC over both. */
export const writePfx = (content: PfxContent, password: Password): Buffer => {
  const protection = PROTECTIONS[content.form](password);
  const attributes = attributesOf(content);
  const safes = sequence(certificateSafe(content, protection, attributes), keySafe(content, protection, attributes));
  return sequence(integer(VERSION), dataInfo(safes), protection.mac(safes));
};

const dataInfo = (content: Buffer): Buffer => sequence(objectId(DATA), explicit(0, octetString(content)));

/** The same on the key and on its certificate: that is how importers know that they belong together. */
const attributesOf = ({ certificates: [own = Buffer.alloc(0)], friendlyName }: PfxContent): Buffer => {
  const localKeyId = createHash('sha1').update(own).digest();
  return setOf(
    sequence(objectId(FRIENDLY_NAME), setOf(bmpString(friendlyName))),
    sequence(objectId(LOCAL_KEY_ID), setOf(octetString(localKeyId))),
  );
};

const certificateSafe = ({ certificates }: PfxContent, protection: Protection, attributes: Buffer): Buffer => {
  const bags = certificates.map((certificate, index) =>
    sequence(
      objectId(CERTIFICATE_BAG),
      explicit(0, sequence(objectId(X509_CERTIFICATE), explicit(0, octetString(certificate)))),
      ...(index === 0 ? [attributes] : []),
    ),
  );
  const { algorithm, ciphertext } = protection.encrypt(sequence(...bags));
  const encrypted = sequence(objectId(DATA), algorithm, implicit(0, ciphertext));
  return sequence(objectId(ENCRYPTED_DATA), explicit(0, sequence(integer(0), encrypted)));
};

const keySafe = ({ privateKey }: PfxContent, protection: Protection, attributes: Buffer): Buffer => {
  const { algorithm, ciphertext } = protection.encrypt(privateKey);
  const shrouded = sequence(algorithm, octetString(ciphertext));
  return dataInfo(sequence(sequence(objectId(SHROUDED_KEY_BAG), explicit(0, shrouded), attributes)));
};
