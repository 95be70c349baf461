import { hash } from 'node:crypto';

/** What a derived key is for (RFC 7292 B.3). */
export const PURPOSE = { encryptionKey: 1, initialVector: 2, macKey: 3 } as const;

const BLOCK_BYTES = 64;

/** Repeats the bytes until they fill whole blocks. */
const filled = (bytes: Buffer): Buffer =>
  bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES, bytes);

/** RFC 7292 B.2. Its rounds cannot be left to the native library, so it belongs off the main loop. */
export const derive = (
  algorithm: 'sha1' | 'sha256',
  purpose: number,
  password: Buffer,
  salt: Buffer,
  rounds: number,
  bytes: number,
): Buffer => {
  const diversifier = Buffer.alloc(BLOCK_BYTES, purpose);
  const input = Buffer.concat([filled(salt), filled(password)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < bytes;) {
    let block: Buffer = hash(algorithm, Buffer.concat([diversifier, input]), 'buffer');
    for (let round = 1; round < rounds; round++) block = hash(algorithm, block, 'buffer');
    parts.push(block);
    made += block.length;
    addToEachBlock(input, block);
  }
  return Buffer.concat(parts).subarray(0, bytes);
};

/** I_j = (I_j + B + 1) mod 2^512, for each block of the input, where B repeats what was derived last. */
const addToEachBlock = (input: Buffer, derived: Buffer): void => {
  const addend = Buffer.alloc(BLOCK_BYTES, derived);
  for (let start = 0; start < input.length; start += BLOCK_BYTES) {
    let carry = 1;
    for (let index = BLOCK_BYTES - 1; index >= 0; index--) {
      const sum = input[start + index]! + addend[index]! + carry;
      input[start + index] = sum & 0xff;
      carry = sum >> 8;
    }
  }
};
