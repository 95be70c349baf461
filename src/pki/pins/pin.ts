import { inspect } from 'node:util';

export const PIN_CHARACTERS = 12;
const FORM = /^[A-Za-z0-9]{12}$/;

/**
 * A holder's certificate PIN while it is in use. It cannot be shown by accident: every way to turn the object
 * into text gives the same word. Nothing else in this room takes a PIN as a string.
 */
export class Pin {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Exactly 12 half-width letters or digits, case kept; anything else is no PIN. Mixing is not required. */
  static parse(text: string): Pin | undefined {
    return FORM.test(text) ? new Pin(Buffer.from(text, 'latin1')) : undefined;
  }

  /** Lends the bytes. Whoever needs them longer than the call makes a copy and zeroes it. */
  read<T>(use: (bytes: Buffer) => T): T {
    if (this.#bytes[0] === 0) throw new Error('the PIN was already forgotten');
    return use(this.#bytes);
  }

  forget(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return '[PIN]';
  }

  toJSON(): string {
    return '[PIN]';
  }

  [inspect.custom](): string {
    return '[PIN]';
  }
}
