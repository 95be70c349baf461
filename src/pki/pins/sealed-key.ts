import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { Gate } from '../gate.js';
import { WrapRefused, type KeyWrap } from '../keys/key-wrap.js';
import type { Pin } from './pin.js';

/** The key does not open: another PIN, another application, or damaged bytes. Which one is told to nobody. */
export class PinRefused extends Error {
  override readonly name = 'PinRefused';
  constructor() {
    super('the PIN does not open this key');
  }
}

const MAGIC = Buffer.from('SK01');
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const HEADER_BYTES = MAGIC.length + 1 + SALT_BYTES + NONCE_BYTES;

const BLOCK_SIZE = 8;
/** 2^17 blocks of 1 KiB: 128 MiB for each guess. */
const COST_LOG2 = 17;
/** What a stored header may ask for, so that a forged one cannot exhaust the memory. */
const COST_LOG2_MIN = 14;
const COST_LOG2_MAX = 18;

/** Each derivation holds 128 MiB and one thread of four for half a second. */
const DERIVATIONS_AT_ONCE = 2;
const DERIVATIONS_WAITING_MAX = 64;
const gate = new Gate(DERIVATIONS_AT_ONCE, DERIVATIONS_WAITING_MAX);

/**
 * Seals a private key: AES-256-GCM under scrypt(PIN), bound to the application, then wrapped under the
 * key-encryption key. A chosen PIN resists guessing for hours, not years; without the outer key nobody can guess.
 */
export const sealKey = async (
  keyWrap: KeyWrap,
  applicationId: string,
  pkcs8: Buffer,
  pin: Pin,
  costLog2 = COST_LOG2,
): Promise<Buffer> => {
  const header = Buffer.concat([MAGIC, Buffer.from([costLog2]), randomBytes(SALT_BYTES + NONCE_BYTES)]);
  const key = await deriveKey(pin, header);
  try {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(header)).setAAD(boundTo(applicationId, header));
    const sealed = Buffer.concat([header, cipher.update(pkcs8), cipher.final(), cipher.getAuthTag()]);
    return await keyWrap.wrap(placeOf(applicationId), sealed);
  } finally {
    key.fill(0);
  }
};

/** Opens the key for the length of `use`; its bytes are zeroed afterwards, so nothing may keep them. */
export const withOpenKey = async <T>(
  keyWrap: KeyWrap,
  applicationId: string,
  wrapped: Buffer,
  pin: Pin,
  use: (pkcs8: Buffer) => Promise<T> | T,
): Promise<T> => {
  const pkcs8 = await open(applicationId, await unwrapOrDecoy(keyWrap, applicationId, wrapped), pin);
  try {
    return await use(pkcs8);
  } finally {
    pkcs8.fill(0);
  }
};

/** A blob that belongs elsewhere costs as much time as a wrong PIN: a decoy goes through the same derivation. */
const unwrapOrDecoy = async (keyWrap: KeyWrap, applicationId: string, wrapped: Buffer): Promise<Buffer> => {
  try {
    return await keyWrap.unwrap(placeOf(applicationId), wrapped);
  } catch (error) {
    if (!(error instanceof WrapRefused)) throw error;
    return Buffer.concat([MAGIC, Buffer.from([COST_LOG2]), Buffer.alloc(SALT_BYTES + NONCE_BYTES + TAG_BYTES)]);
  }
};

const open = async (applicationId: string, sealed: Buffer, pin: Pin): Promise<Buffer> => {
  const header = sealed.subarray(0, HEADER_BYTES);
  if (sealed.length < HEADER_BYTES + TAG_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new PinRefused();
  }
  const key = await deriveKey(pin, header);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(header), { authTagLength: TAG_BYTES })
      .setAAD(boundTo(applicationId, header))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const pkcs8 = decipher.update(sealed.subarray(HEADER_BYTES, -TAG_BYTES));
    try {
      decipher.final();
      return pkcs8;
    } catch {
      pkcs8.fill(0);
      throw new PinRefused();
    }
  } finally {
    key.fill(0);
  }
};

const deriveKey = (pin: Pin, header: Buffer): Promise<Buffer> => {
  const costLog2 = header[MAGIC.length] ?? 0;
  if (costLog2 < COST_LOG2_MIN || costLog2 > COST_LOG2_MAX) throw new PinRefused();
  const N = 2 ** costLog2;
  const options = { N, r: BLOCK_SIZE, p: 1, maxmem: 2 * 128 * N * BLOCK_SIZE };
  const salt = header.subarray(MAGIC.length + 1, MAGIC.length + 1 + SALT_BYTES);
  // Read only when its turn has come: while it waits, the PIN stays in one place.
  return gate.run(
    () =>
      new Promise((resolve, reject) => {
        pin.read((bytes) =>
          scrypt(bytes, salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error))),
        );
      }),
  );
};

const nonceOf = (header: Buffer): Buffer => header.subarray(-NONCE_BYTES);
const boundTo = (applicationId: string, header: Buffer): Buffer =>
  Buffer.concat([header, Buffer.from(applicationId, 'utf8')]);
const placeOf = (applicationId: string): string => `holder-key:${applicationId}`;
