/** DER by hand: every function returns one complete tag-length-value. Whole structures are written once, never re-encoded. */

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectId: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
} as const;

const lengthOf = (bytes: number): Buffer => {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits = bytes.toString(16);
  const big = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | big.length]), big]);
};

export const tlv = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const bytes = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag]), lengthOf(bytes), ...content]);
};

export const sequence = (...items: readonly Uint8Array[]): Buffer => tlv(TAG.sequence, ...items);

/** DER wants the members of a SET OF in the order of their encodings. */
export const setOf = (...items: readonly Buffer[]): Buffer => tlv(TAG.set, ...items.toSorted((a, b) => a.compare(b)));

export const octetString = (content: Uint8Array): Buffer => tlv(TAG.octetString, content);
export const bitString = (content: Uint8Array, unusedBits = 0): Buffer =>
  tlv(TAG.bitString, Buffer.from([unusedBits]), content);
export const enumerated = (value: number): Buffer => tlv(TAG.enumerated, Buffer.from([value]));
export const boolean = (value: boolean): Buffer => tlv(TAG.boolean, Buffer.from([value ? 0xff : 0]));
export const utf8String = (text: string): Buffer => tlv(TAG.utf8String, Buffer.from(text, 'utf8'));
export const printableString = (text: string): Buffer => tlv(TAG.printableString, Buffer.from(text, 'latin1'));
export const ia5String = (text: string): Buffer => tlv(TAG.ia5String, Buffer.from(text, 'latin1'));
export const bmpString = (text: string): Buffer => tlv(TAG.bmpString, Buffer.from(text, 'utf16le').swap16());
export const NULL = Buffer.from([TAG.null, 0]);

/** Constructed (`[n] { … }`) and primitive (`[n] IMPLICIT`) context tags. */
export const explicit = (number: number, ...content: readonly Uint8Array[]): Buffer => tlv(0xa0 | number, ...content);
export const implicit = (number: number, content: Uint8Array): Buffer => tlv(0x80 | number, content);

/** An unsigned integer from its big-endian bytes. */
export const unsigned = (bytes: Uint8Array): Buffer => {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const minimal = bytes.subarray(start);
  return ((minimal[0] ?? 0) & 0x80) === 0
    ? tlv(TAG.integer, minimal.length === 0 ? Buffer.from([0]) : minimal)
    : tlv(TAG.integer, Buffer.from([0]), minimal);
};

export const integer = (value: number | bigint): Buffer => {
  if (value < 0) throw new RangeError('only unsigned integers are written');
  const digits = value.toString(16);
  return unsigned(Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex'));
};

const objectIds = new Map<string, Buffer>();

/** Encoded once each: the product knows a few dozen object identifiers. */
export const objectId = (dotted: string): Buffer => {
  let known = objectIds.get(dotted);
  if (known === undefined) objectIds.set(dotted, (known = encodeObjectId(dotted)));
  return known;
};

const encodeObjectId = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128];
    // Not by shifts: an arc may be wider than 32 bits.
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) groups.unshift((high % 128) | 0x80);
    bytes.push(...groups);
  }
  return tlv(TAG.objectId, Buffer.from(bytes));
};

/** `YYYYMMDDHHMMSSZ`; a fraction of a second is cut off, never rounded up into the future. */
export const generalizedTime = (at: Date): Buffer =>
  tlv(TAG.generalizedTime, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`, 'latin1'));

const FIRST_YEAR_OF_GENERALIZED_TIME = 2050;

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on. */
export const time = (at: Date): Buffer =>
  at.getUTCFullYear() >= FIRST_YEAR_OF_GENERALIZED_TIME
    ? generalizedTime(at)
    : tlv(TAG.utcTime, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`, 'latin1'));

/** BIT STRING of named bits: trailing zero bits are dropped (X.690 §11.2.2). */
export const namedBits = (bits: readonly number[]): Buffer => {
  const highest = Math.max(...bits);
  const content = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const bit of bits) content[bit >> 3]! |= 0x80 >> (bit & 7);
  return bitString(content, 7 - (highest & 7));
};
