import { createPrivateKey } from 'node:crypto';
import type { SigningKeys } from '../../pki/authorities/hierarchies.js';
import { type KeyKind, newKeyPair } from '../../pki/keys/key-kinds.js';
import { localSigner } from '../../pki/keys/local-signer.js';
import type { Signer } from '../../pki/keys/signer.js';
import type { Clock } from '../../kernel/clock.js';
import type { Vault } from '../vault/vault.js';

const PURPOSE = 'signing-key';

/**
 * Keys of authorities in the vault: sealed under the key ring, the same for every process of the service,
 * backed up and sealed anew with everything else that is secret.
 */
export class VaultSigningKeys implements SigningKeys {
  constructor(
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {}

  /** Of two processes that start for the first time at once, both get the key that was kept first. */
  async openOrMake(keyId: string, kind: KeyKind): Promise<Signer> {
    const known = await this.open(keyId);
    if (known !== null) return known;
    const { pkcs8 } = await newKeyPair(kind);
    return this.bring(keyId, pkcs8);
  }

  /** Takes in a key that was made elsewhere; its plain bytes are zeroed. A key that is already here stays. */
  async bring(keyId: string, pkcs8: Buffer): Promise<Signer> {
    try {
      await this.vault.put(placeOf(keyId), PURPOSE, pkcs8, this.clock.now());
    } finally {
      pkcs8.fill(0);
    }
    const kept = await this.open(keyId);
    if (kept === null) throw new Error(`the key ${keyId} vanished from the vault`);
    return kept;
  }

  private async open(keyId: string): Promise<Signer | null> {
    const pkcs8 = await this.vault.get(placeOf(keyId), PURPOSE);
    if (pkcs8 === null) return null;
    try {
      return localSigner(keyId, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    } finally {
      pkcs8.fill(0);
    }
  }
}

const placeOf = (keyId: string): string => `signing-key:${keyId}`;
