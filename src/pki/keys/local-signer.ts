import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { algorithmFor, hashOf, type SignatureAlgorithm } from './signature-algorithm.js';
import type { Signer } from './signer.js';

const signInThreadPool = promisify(sign) as (hash: string, data: Uint8Array, key: KeyObject) => Promise<Buffer>;

/** From here on hashing alone would hold up the event loop noticeably. */
const SIGNED_ON_THE_SPOT_MAX_BYTES = 65_536;

/** A private key in this process's memory. */
export const localSigner = (keyId: string, key: KeyObject): Signer => {
  const alg: SignatureAlgorithm = algorithmFor(key);
  const hash = hashOf(alg);
  // A P-256 signature takes some 20 µs: handing it to the thread pool and back costs more than making it.
  const isQuick = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return {
    keyId,
    alg,
    spki: createPublicKey(key).export({ type: 'spki', format: 'der' }),
    sign: (tbs) =>
      isQuick && tbs.length <= SIGNED_ON_THE_SPOT_MAX_BYTES
        ? Promise.resolve(sign(hash, tbs, key))
        : signInThreadPool(hash, tbs, key),
  };
};
