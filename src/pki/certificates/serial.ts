import { randomBytes } from 'node:crypto';

const SERIAL_BYTES = 16;

/** 128 random bits, as lower-case hex. */
export const newSerial = (): string => {
  for (;;) {
    const bytes = randomBytes(SERIAL_BYTES);
    // A leading zero byte would shorten the number; the chance is 1 in 256, the loss a hundredth of a bit.
    if (bytes[0] !== 0) return bytes.toString('hex');
  }
};

export interface Reservation {
  readonly authorityId: string;
  /** Names one issue for good: a retried one carries the same id. */
  readonly issuanceId: string;
  readonly serial: string;
  /** What will be signed under this serial, and nothing else ever. */
  readonly body: Buffer;
  /** A serial that this issuance had and gives up for this one: its body is not to be signed any more. */
  readonly instead?: string;
}

export type Reserved = Readonly<Pick<Reservation, 'serial' | 'body'>>;

/** Where serials are reserved before anything is signed, and certificates kept before anybody gets them. Durable. */
export interface IssuanceRegister {
  /**
   * Reserves the serial and its body for this issuance and answers them; for an issuance that has some already, and does
   * not give up those, answers those. Undefined when the serial belongs to another issuance: take another and ask again.
   */
  reserve(reservation: Reservation): Promise<Reserved | undefined>;
  /** Keeps the first certificate of the issuance under the serial it has, whatever comes later, and answers it. */
  keep(authorityId: string, issuanceId: string, certificate: Buffer): Promise<Buffer>;
  kept(authorityId: string, issuanceId: string): Promise<Buffer | undefined>;
}
