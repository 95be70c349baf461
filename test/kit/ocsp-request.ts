import { createHash, X509Certificate } from 'node:crypto';
import { serialOf } from '../../src/pki/authorities/authority.js';
import { subjectOf } from '../../src/pki/authorities/open-authority.js';
import { extension } from '../../src/pki/certificates/extensions.js';
import { explicit, NULL, objectId, octetString, sequence, unsigned } from '../../src/pki/der/encode.js';
import { publicKeyBits } from '../../src/pki/keys/public-key-bits.js';
import { HASH, OCSP } from '../../src/pki/object-ids.js';

/** With a nonce the answer is made for this asker alone, so each costs a signature. */
export const requestFor = (
  issuer: Buffer,
  certificate: Buffer,
  nonce?: Buffer,
  serial = Buffer.from(serialOf(certificate), 'hex'),
): Buffer => {
  const sha1 = (bytes: Buffer): Buffer => octetString(createHash('sha1').update(bytes).digest());
  const issuerKey = publicKeyBits(new X509Certificate(issuer).publicKey.export({ type: 'spki', format: 'der' }));
  const id = sequence(sequence(objectId(HASH.sha1), NULL), sha1(subjectOf(issuer)), sha1(issuerKey), unsigned(serial));
  const extensions = nonce === undefined ? [] : [explicit(2, sequence(extension(OCSP.nonce, octetString(nonce))))];
  return sequence(sequence(sequence(sequence(id)), ...extensions));
};
