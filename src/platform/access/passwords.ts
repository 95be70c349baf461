import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Clock } from '../../kernel/clock.js';
import type { Decided } from '../commands/sender.js';
import type { Keyring } from '../vault/keyring.js';
import type { Vault } from '../vault/vault.js';

const PURPOSE = 'password';
/** No credential is called so. */
const NOBODY = 'nobody';
/** The first recommendation of RFC 9106 for memory-bound machines, above OWASP's minimum. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const LETTERS = 'abcdefghijkmnpqrstuvwxyz';
const DIGITS = '23456789';
const SYMBOLS = '#%+=?@';
const INITIAL_LENGTH = 16;

/** Keeps password hashes in the vault, each under the name that an event points to. */
export class Passwords {
  /** Verified against where there is no account, so that the answer takes as long. */
  private readonly nobody = hash(randomBytes(16), COST);

  constructor(
    private readonly vault: Vault,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  /** Keeps the hash for the command that makes it count. */
  async keepFor(credentialId: string, password: string, send: () => Promise<Decided>): Promise<Decided> {
    const hashed = Buffer.from(await hash(password, COST));
    return this.vault.putFor(credentialId, PURPOSE, hashed, this.clock.now(), send);
  }

  /** The credential that the password proves, null if it proves none; the same work either way. */
  async proven(credentialId: string | null, password: string): Promise<string | null> {
    // Looked for in any case: the way to the database is part of the time.
    const found = await this.vault.get(credentialId ?? NOBODY, PURPOSE);
    const kept = credentialId === null ? null : found;
    const right = await verify(kept?.toString() ?? (await this.nobody), password);
    return right && kept !== null ? credentialId : null;
  }

  async forget(credentialId: string): Promise<void> {
    await this.vault.delete(credentialId);
  }

  /**
   * Derived from the credential's name, so that a repeated command states the same password and none is
   * stored. Letters that people confuse are left out; every class of the portal's rule occurs.
   */
  initial(credentialId: string): string {
    const bytes = this.keyring.derive('initial-password', credentialId);
    const pick = (alphabet: string, index: number) => alphabet[bytes[index]! % alphabet.length]!;
    const body = Array.from({ length: INITIAL_LENGTH - 3 }, (_, index) => pick(LETTERS + DIGITS, index + 3)).join('');
    return pick(LETTERS, 0).toUpperCase() + pick(DIGITS, 1) + pick(SYMBOLS, 2) + body;
  }
}
