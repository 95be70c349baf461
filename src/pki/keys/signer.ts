import { bitString, sequence } from '../der/encode.js';
import { algorithmIdentifier, type SignatureAlgorithm } from './signature-algorithm.js';

/**
 * A private key that may be anywhere: in memory, in a sealed file, in a hardware module, at a service.
 * It is given the bytes to be signed, not their digest, because some modules insist on hashing themselves.
 */
export interface Signer {
  readonly keyId: string;
  readonly alg: SignatureAlgorithm;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** RSA: PKCS#1 v1.5. ECDSA: DER `Ecdsa-Sig-Value`. */
  sign(tbs: Uint8Array): Promise<Buffer>;
}

/** `SEQUENCE { tbs, algorithm, signature }`: the frame of every certificate, request, CRL and OCSP answer. */
export const signed = async (signer: Signer, tbs: Buffer): Promise<Buffer> =>
  frame(tbs, signer.alg, await signer.sign(tbs));

export const frame = (tbs: Buffer, algorithm: SignatureAlgorithm, signature: Uint8Array): Buffer =>
  sequence(tbs, algorithmIdentifier(algorithm), bitString(signature));
