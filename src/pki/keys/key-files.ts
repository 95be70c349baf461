import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writeOnce } from '../durable-files.js';
import { newKeyPair, type KeyKind } from './key-kinds.js';
import type { KeyWrap } from './key-wrap.js';
import { localSigner } from './local-signer.js';
import type { Signer } from './signer.js';

const KEY_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Signing keys in files of one folder, each wrapped under the key-encryption key and bound to its own id. */
export class KeyFiles {
  readonly #folder: string;
  readonly #keyWrap: KeyWrap;

  constructor(folder: string, keyWrap: KeyWrap) {
    this.#folder = folder;
    this.#keyWrap = keyWrap;
  }

  /** The key of this id; made now if there is none. Of two processes that try at once, both get the same key. */
  async openOrMake(keyId: string, kind: KeyKind): Promise<Signer> {
    const existing = await this.open(keyId);
    if (existing !== undefined) return existing;
    const { pkcs8 } = await newKeyPair(kind);
    return this.bring(keyId, pkcs8);
  }

  /** Takes in a key that was made elsewhere; its plain bytes are zeroed. A key that is already here stays. */
  async bring(keyId: string, pkcs8: Buffer): Promise<Signer> {
    try {
      await writeOnce(this.#pathOf(keyId), await this.#keyWrap.wrap(placeOf(keyId), pkcs8));
    } finally {
      pkcs8.fill(0);
    }
    const kept = await this.open(keyId);
    if (kept === undefined) throw new Error(`the key file of ${keyId} vanished`);
    return kept;
  }

  async open(keyId: string): Promise<Signer | undefined> {
    const wrapped = await readIfThere(this.#pathOf(keyId));
    if (wrapped === undefined) return undefined;
    const pkcs8 = await this.#keyWrap.unwrap(placeOf(keyId), wrapped);
    try {
      return localSigner(keyId, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    } finally {
      pkcs8.fill(0);
    }
  }

  #pathOf(keyId: string): string {
    if (!KEY_ID.test(keyId)) throw new Error('a key id is lower-case letters, digits and hyphens');
    return join(this.#folder, `${keyId}.key`);
  }
}

const placeOf = (keyId: string): string => `signing-key:${keyId}`;
