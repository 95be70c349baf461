import type { WireUuid, Wide } from './requests.js';

const TEXT = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** The 16 bytes of an id in either of its spellings, or undefined when it is neither. */
export const uuidBytes = (uuid: WireUuid | null): Buffer | undefined => {
  if (uuid === null) return undefined;
  if (uuid.structured !== null) {
    const bytes = Buffer.alloc(16);
    bytes.writeBigInt64BE(bigIntOf(uuid.structured.mostSignificantBits), 0);
    bytes.writeBigInt64BE(bigIntOf(uuid.structured.leastSignificantBits), 8);
    return bytes;
  }
  if (!TEXT.test(uuid.string)) return undefined;
  return Buffer.from(uuid.string.replaceAll('-', ''), 'hex');
};

const bigIntOf = (wide: Wide): bigint => BigInt(typeof wide === 'number' ? wide : wide.toString());

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const DASH_BEFORE = new Set([4, 6, 8, 10]);

export const uuidText = (bytes: Uint8Array): string => {
  let text = '';
  for (let index = 0; index < 16; index++) {
    if (DASH_BEFORE.has(index)) text += '-';
    text += HEX[bytes[index] ?? 0];
  }
  return text;
};

export const uuidStructured = (bytes: Uint8Array): object => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The encoder takes 64-bit numbers as text, which keeps every bit.
  return {
    structured: {
      mostSignificantBits: buffer.readBigInt64BE(0).toString(),
      leastSignificantBits: buffer.readBigInt64BE(8).toString(),
    },
  };
};
