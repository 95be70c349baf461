import { timingSafeEqual } from 'node:crypto';
import type { Keyring } from '../vault/keyring.js';

const TOKEN = /^[0-9a-f]{64}$/;

/**
 * One-time links are derived, never stored: an event holds the id of a link and its deadline, and whoever
 * reads the store learns no link from it. A mail that is sent again carries the same one.
 *
 * The key is the ring's derivation key, which rotating the sealing keys leaves alone, so links that people
 * already hold go on opening.
 */
export class Links {
  constructor(private readonly keyring: Keyring) {}

  tokenOf(linkId: string): string {
    return this.keyring.derive('link', linkId).toString('hex');
  }

  /** Takes as long for a wrong token as for the right one. Whether the link still counts, its stream says. */
  isToken(linkId: string, given: string): boolean {
    if (!TOKEN.test(given)) return false;
    return timingSafeEqual(Buffer.from(this.tokenOf(linkId), 'hex'), Buffer.from(given, 'hex'));
  }
}
