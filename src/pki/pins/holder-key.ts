import { createPrivateKey } from 'node:crypto';
import { writeRequest } from '../certificates/request.js';
import { newKeyPair, type KeyKind } from '../keys/key-kinds.js';
import type { KeyWrap } from '../keys/key-wrap.js';
import { localSigner } from '../keys/local-signer.js';
import type { DistinguishedName } from '../names.js';
import type { Pin } from './pin.js';
import { sealKey } from './sealed-key.js';

/** Strong enough beyond 2030, readable by every program that opens a `.pfx`. */
export const HOLDER_KEY_KIND: KeyKind = 'rsa-3072';

export interface HolderKey {
  /** PKCS#10: proves later, without the PIN, that the holder has the key. */
  readonly request: Buffer;
  readonly spki: Buffer;
  readonly sealedKey: Buffer;
}

/** What happens at approval: the key is made and sealed, and from then on nobody opens it without the PIN. */
export const makeHolderKey = async (
  keyWrap: KeyWrap,
  order: Readonly<{ applicationId: string; subject: DistinguishedName; pin: Pin; kind?: KeyKind }>,
): Promise<HolderKey> => {
  const { spki, pkcs8 } = await newKeyPair(order.kind ?? HOLDER_KEY_KIND);
  try {
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const request = await writeRequest(localSigner(order.applicationId, key), order.subject);
    return { request, spki, sealedKey: await sealKey(keyWrap, order.applicationId, pkcs8, order.pin) };
  } finally {
    pkcs8.fill(0);
  }
};
