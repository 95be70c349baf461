import { setImmediate } from 'node:timers/promises';
import { extension } from '../certificates/extensions.js';
import { enumerated, sequence, TAG, time, unsigned } from '../der/encode.js';
import { EXTENSION } from '../object-ids.js';
import { reasonCode, REVOCATION_REASONS, type RevocationReason } from './reasons.js';

export interface Revocation {
  /** Lower-case hex. */
  readonly serial: string;
  /** From when on the certificate is revoked; a deferred one lies in the future. */
  readonly effectiveAt: Date;
  readonly reason: RevocationReason;
  readonly expiresAt: Date;
}

const PIECE_BYTES = 65_536;
/** Serial (at most 20 bytes and a zero), date, reason and their frames. */
const ENTRY_MAX_BYTES = 64;
const SERIAL_MAX_BYTES = 20;
/** After so much work others get their turn; looked at every so many entries. */
const TURN_MS = 5;
const LOOK_EVERY = 64;

/**
 * Writes the entries into large pieces of memory, one after the other. As objects of a library a hundred thousand
 * take seconds, and joining as many small buffers holds up everybody else.
 */
export const writeEntries = async (
  revocations: Iterable<Revocation> | AsyncIterable<Revocation>,
  isListed: (revocation: Revocation) => boolean,
): Promise<Buffer[]> => {
  const pieces: Buffer[] = [];
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let used = 0;
  let seen = 0;
  const dateOf = dateWriter();
  let turnBegan = performance.now();
  for await (const revocation of revocations) {
    if (used + ENTRY_MAX_BYTES > PIECE_BYTES) {
      pieces.push(piece.subarray(0, used));
      piece = Buffer.allocUnsafe(PIECE_BYTES);
      used = 0;
    }
    if (isListed(revocation)) used = writeEntry(piece, used, revocation, dateOf(revocation.effectiveAt));
    if (++seen % LOOK_EVERY === 0 && performance.now() - turnBegan > TURN_MS) {
      await setImmediate();
      turnBegan = performance.now();
    }
  }
  return used === 0 ? pieces : [...pieces, piece.subarray(0, used)];
};

const NOTHING = Buffer.alloc(0);
const REASONS: ReadonlyMap<RevocationReason, Buffer> = new Map(
  (Object.keys(REVOCATION_REASONS) as RevocationReason[]).map((reason) => {
    const code = reasonCode(reason);
    return [reason, code === undefined ? NOTHING : sequence(extension(EXTENSION.cRLReason, enumerated(code)))];
  }),
);

/** `SEQUENCE { serial, date, [extensions] }`, whose length always fits one byte. Answers where it ends. */
const writeEntry = (piece: Buffer, start: number, { serial, reason }: Revocation, date: Buffer): number => {
  const number = unsigned(Buffer.from(serial, 'hex'));
  if (number.length > SERIAL_MAX_BYTES + 3) throw new RangeError('a serial has at most 20 bytes');
  let end = start + 2;
  end += number.copy(piece, end);
  end += date.copy(piece, end);
  end += (REASONS.get(reason) ?? NOTHING).copy(piece, end);
  piece[start] = TAG.sequence;
  piece[start + 1] = end - start - 2;
  return end;
};

/** Writes dates, each second once: a list is often made of batches. */
const dateWriter = (): ((at: Date) => Buffer) => {
  let second = Number.NaN;
  let date: Buffer = NOTHING;
  return (at) => {
    const wanted = Math.floor(at.getTime() / 1000);
    if (wanted !== second) date = time(at);
    second = wanted;
    return date;
  };
};
