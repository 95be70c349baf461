import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { NULL, objectId, sequence } from '../der/encode.js';
import { SIGNATURE } from '../object-ids.js';

export type SignatureAlgorithm = 'RSA-SHA256' | 'RSA-SHA384' | 'ECDSA-SHA256' | 'ECDSA-SHA384';

/** RFC 4055: RSA carries NULL parameters; RFC 5758: ECDSA carries none. */
const IDENTIFIERS: Readonly<Record<SignatureAlgorithm, Buffer>> = {
  'RSA-SHA256': sequence(objectId(SIGNATURE.sha256WithRSAEncryption), NULL),
  'RSA-SHA384': sequence(objectId(SIGNATURE.sha384WithRSAEncryption), NULL),
  'ECDSA-SHA256': sequence(objectId(SIGNATURE.ecdsaWithSHA256)),
  'ECDSA-SHA384': sequence(objectId(SIGNATURE.ecdsaWithSHA384)),
};

export const algorithmIdentifier = (algorithm: SignatureAlgorithm): Buffer => IDENTIFIERS[algorithm];

export const hashOf = (algorithm: SignatureAlgorithm): 'sha256' | 'sha384' =>
  algorithm.endsWith('384') ? 'sha384' : 'sha256';

/** A hash as strong as the key: P-384 with SHA-384, everything else with SHA-256. */
export const algorithmFor = (key: KeyObject): SignatureAlgorithm => {
  if (key.asymmetricKeyType === 'rsa') return 'RSA-SHA256';
  if (key.asymmetricKeyType !== 'ec') throw new Error(`keys of type ${key.asymmetricKeyType} do not sign here`);
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'ECDSA-SHA384' : 'ECDSA-SHA256';
};

export const publicKeyOf = (spki: Buffer): KeyObject => createPublicKey({ key: spki, format: 'der', type: 'spki' });

/** Parsed once for each signer: an authority checks its own signatures all day long. */
const parsedKeys = new WeakMap<Buffer, KeyObject>();

export const verifies = (
  algorithm: SignatureAlgorithm,
  spki: Buffer,
  tbs: Uint8Array,
  signature: Uint8Array,
): boolean => {
  let key = parsedKeys.get(spki);
  if (key === undefined) parsedKeys.set(spki, (key = publicKeyOf(spki)));
  return verify(hashOf(algorithm), tbs, key, signature);
};
