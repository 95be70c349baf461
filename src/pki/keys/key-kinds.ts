import { generateKeyPair } from 'node:crypto';
import { MalformedDer } from '../der/decode.js';
import { publicKeyOf } from './signature-algorithm.js';

export const KEY_KINDS = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'p-256', 'p-384'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

const CURVES: Readonly<Record<string, KeyKind>> = { prime256v1: 'p-256', secp384r1: 'p-384' };
const PUBLIC_EXPONENT = 65_537n;

export interface NewKeyPair {
  readonly spki: Buffer;
  /** DER PKCS#8, unprotected. Whoever receives it zeroes it. */
  readonly pkcs8: Buffer;
}

/** Made in the thread pool: RSA-4096 takes seconds. */
export const newKeyPair = (kind: KeyKind): Promise<NewKeyPair> =>
  new Promise((resolve, reject) => {
    const encoding = {
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    } as const;
    const done = (error: Error | null, spki: Buffer, pkcs8: Buffer): void =>
      error === null ? resolve({ spki, pkcs8 }) : reject(error);
    if (kind.startsWith('rsa-')) {
      generateKeyPair('rsa', { modulusLength: Number(kind.slice('rsa-'.length)), ...encoding }, done);
    } else {
      generateKeyPair('ec', { namedCurve: kind === 'p-256' ? 'prime256v1' : 'secp384r1', ...encoding }, done);
    }
  });

/** What kind of key this is, or undefined when it is none that is certified here. */
export const kindOf = (spki: Buffer): KeyKind | undefined => {
  const key = readPublicKey(spki);
  const details = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') return CURVES[details.namedCurve ?? ''];
  if (key.asymmetricKeyType !== 'rsa' || details.publicExponent !== PUBLIC_EXPONENT) return undefined;
  return KEY_KINDS.find((kind) => kind === `rsa-${details.modulusLength}`);
};

const readPublicKey = (spki: Buffer): ReturnType<typeof publicKeyOf> => {
  try {
    return publicKeyOf(spki);
  } catch {
    throw new MalformedDer('not a public key');
  }
};
