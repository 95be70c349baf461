import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import type { KeyWrap } from '../../pki/keys/key-wrap.js';
import type { DistinguishedName } from '../../pki/names.js';
import { makeHolderKey } from '../../pki/pins/holder-key.js';
import type { Pin } from '../../pki/pins/pin.js';
import { PinRefused, withOpenKey } from '../../pki/pins/sealed-key.js';
import { Attempts } from '../access/attempts.js';
import type { Decided } from '../commands/sender.js';
import { Vault } from '../vault/vault.js';

const PURPOSE = 'holder-key';

/** The entry of the vault is the outer wrapping: bound to its name, and sealed anew with everything else. */
const BY_THE_VAULT: KeyWrap = {
  wrap: (_, secret) => Promise.resolve(secret),
  unwrap: (_, wrapped) => Promise.resolve(wrapped),
};

type Kept = Readonly<{ applicationId: string; request: string; sealedKey: string }>;

export type KeyOrder = Readonly<{
  applicationId: string;
  /** From `holderKeyIdOf`: each approval that is attempted makes a key of its own. */
  keyId: string;
  subject: DistinguishedName;
  pin: Pin;
}>;

/** What became of the secret: the answer of `use`, or why it was not opened. */
export type Opened<T> = Readonly<{ value: T; refusal?: undefined }> | Readonly<{ refusal: Refusal }>;

const keysOf = (applicationId: string): string => `${applicationId}.holder-key.`;
/** The name of the key that this command makes; the same for every repetition of it. */
export const holderKeyIdOf = (applicationId: string, commandId: string): string =>
  keysOf(applicationId) + derivedId(commandId, 'holder key');

/**
 * The keys of certificate holders. Made when the holder approves, sealed under the PIN, and from then on
 * opened by nobody without it; the request for the certificate lies beside the key, so that issuing needs no PIN.
 */
@Injectable()
export class HolderKeys {
  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes the key for the approval that will name it, and lets it go again if the approval is refused. Which key
   * counts is what the recorded approval says: an attempt that died on the way leaves an entry nobody names, until
   * `forgetUnnamed`.
   * The PIN is forgotten, whatever happens.
   */
  async makeAtApproval(
    { applicationId, keyId, subject, pin }: KeyOrder,
    send: () => Promise<Decided>,
  ): Promise<Decided> {
    try {
      const { request, sealedKey } = await makeHolderKey(BY_THE_VAULT, { applicationId, subject, pin });
      const kept: Kept = {
        applicationId,
        request: request.toString('base64'),
        sealedKey: sealedKey.toString('base64'),
      };
      return await this.vault.putFor(keyId, PURPOSE, Buffer.from(JSON.stringify(kept)), this.clock.now(), send);
    } finally {
      pin.forget();
    }
  }

  /** PKCS#10, for issuing. Null where there is no such key. */
  async requestOf(keyId: string): Promise<Buffer | null> {
    const kept = await this.read(keyId);
    return kept && Buffer.from(kept.request, 'base64');
  }

  /** Of this application, all but the key that its approval names; without one, all. */
  forgetUnnamed(applicationId: string, namedKeyId: string | null): Promise<void> {
    return this.vault.deleteAll(keysOf(applicationId), namedKeyId);
  }

  /** An application that ended without a certificate leaves no key behind. */
  forget(keyId: string): Promise<void> {
    return this.vault.delete(keyId);
  }

  /**
   * Opens the key for the length of `use`. `accountId` is who tries: each account has its own count, so that
   * nobody keeps the holder out by trying in their place.
   */
  async open<T>(
    keyId: string,
    accountId: string,
    pin: Pin,
    use: (pkcs8: Buffer) => Promise<T> | T,
  ): Promise<Opened<T>> {
    const subject = derivedId('pin', keyId, accountId);
    try {
      const kept = await this.read(keyId);
      if (kept === null) return { refusal: refusal('PIN_REFUSED') };
      const tooMany = await this.attempts.admit(subject);
      if (tooMany) return { refusal: tooMany };
      const sealed = Buffer.from(kept.sealedKey, 'base64');
      const value = await withOpenKey(BY_THE_VAULT, kept.applicationId, sealed, pin, async (pkcs8) => {
        await this.attempts.succeeded(subject);
        return use(pkcs8);
      });
      return { value };
    } catch (error) {
      if (error instanceof PinRefused) return { refusal: refusal('PIN_REFUSED') };
      throw error;
    } finally {
      pin.forget();
    }
  }

  private async read(keyId: string): Promise<Kept | null> {
    const kept = await this.vault.get(keyId, PURPOSE);
    return kept && (JSON.parse(kept.toString()) as Kept);
  }
}
