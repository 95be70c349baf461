import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isUuid } from '../../kernel/ids.js';
import { Keyring } from '../../platform/vault/keyring.js';

/** No I, L, O or U: they are mistaken for others, or spell words. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 26;
const BITS_PER_CHARACTER = 5n;
const GROUPS = [5, 5, 5, 5, 6];
const FORM = /^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}-[0-9A-HJKMNP-TV-Z]{6}$/;
const SHOWN_CHARACTERS = 4;

const lettersOf = (bytes: Buffer): string => {
  let value = BigInt(`0x${bytes.toString('hex')}`);
  let letters = '';
  for (let index = 0; index < CHARACTERS; index += 1) {
    letters = ALPHABET[Number(value & 31n)]! + letters;
    value >>= BITS_PER_CHARACTER;
  }
  return letters;
};

const bytesOf = (letters: string): Buffer | null => {
  const value = [...letters].reduce(
    (sum, letter) => (sum << BITS_PER_CHARACTER) | BigInt(ALPHABET.indexOf(letter)),
    0n,
  );
  // 26 letters hold 130 bits; the two above a block are never set in a number of ours.
  return value >> 128n === 0n ? Buffer.from(value.toString(16).padStart(32, '0'), 'hex') : null;
};

/**
 * A ticket number is its ticket's id, enciphered as one block: 128 bits that nobody without the key can make or
 * tell from chance, and that stand nowhere. Backwards it leads to the ticket without any table to look it up in.
 */
@Injectable()
export class TicketNumbers {
  private readonly key: Buffer;

  constructor(@Inject(Keyring) keyring: Keyring) {
    this.key = keyring.derive('ticket-number');
  }

  /** Only for the mail that delivers the ticket and for the pages of the applicant. */
  numberOf(ticketId: string): string {
    if (!isUuid(ticketId)) throw new Error('a ticket id is a UUID');
    const cipher = createCipheriv('aes-256-ecb', this.key, null).setAutoPadding(false);
    const block = Buffer.concat([cipher.update(Buffer.from(ticketId.replaceAll('-', ''), 'hex')), cipher.final()]);
    const letters = lettersOf(block);
    let start = 0;
    return GROUPS.map((size) => letters.slice(start, (start += size))).join('-');
  }

  /** The ticket that a number would belong to; whether there is such a ticket, its stream knows. */
  ticketIdOf(number: string): string | null {
    if (!FORM.test(number)) return null;
    const block = bytesOf(number.replaceAll('-', ''));
    if (!block) return null;
    const decipher = createDecipheriv('aes-256-ecb', this.key, null).setAutoPadding(false);
    const hex = Buffer.concat([decipher.update(block), decipher.final()]).toString('hex');
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return isUuid(id) ? id : null;
  }

  /** For everybody else. */
  maskedOf(ticketId: string): string {
    return `…${this.numberOf(ticketId).slice(-SHOWN_CHARACTERS)}`;
  }
}
