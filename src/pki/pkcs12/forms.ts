import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { integer, NULL, objectId, octetString, sequence } from '../der/encode.js';
import { HASH } from '../object-ids.js';
import { derive, PURPOSE } from './key-derivation.js';

/** How the parts of a file are protected. The two forms differ in nothing else. */
export interface Protection {
  encrypt(plain: Buffer): { readonly algorithm: Buffer; readonly ciphertext: Buffer };
  /** `MacData` over the file's content. */
  mac(content: Buffer): Buffer;
}

/** The PIN as both schemes want it; the caller zeroes both. */
export interface Password {
  readonly utf8: Buffer;
  /** Big-endian UTF-16 with a closing zero (RFC 7292 B.1). */
  readonly bmp: Buffer;
}

export type PfxForm = 'modern' | 'compatible';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_WITH_SHA256 = '1.2.840.113549.2.9';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';
const PBE_WITH_SHA_AND_3_KEY_3DES = '1.2.840.113549.1.12.1.3';

/**
 * Once for encryption and MAC alike: the weaker of the two is where a guesser starts.
 * Every importer in the suite opens it.
 */
const MODERN_ROUNDS = 300_000;
/** What importers of that age expect; the form is weak whatever the number. */
const COMPATIBLE_ROUNDS = 2048;
const SALT_BYTES = 16;
/** Of the MAC and of the old encryption: some importers refuse longer ones. */
const SHORT_SALT_BYTES = 8;

const macData = (
  algorithm: 'sha1' | 'sha256',
  keyBytes: number,
  password: Password,
  rounds: number,
  content: Buffer,
): Buffer => {
  const salt = randomBytes(SHORT_SALT_BYTES);
  const key = derive(algorithm, PURPOSE.macKey, password.bmp, salt, rounds, keyBytes);
  const mac = createHmac(algorithm, key).update(content).digest();
  key.fill(0);
  return sequence(
    sequence(sequence(objectId(HASH[algorithm]), NULL), octetString(mac)),
    octetString(salt),
    integer(rounds),
  );
};

/** AES-256 under PBKDF2 and a SHA-256 MAC. */
const modern = (password: Password): Protection => ({
  encrypt: (plain) => {
    const salt = randomBytes(SALT_BYTES);
    const iv = randomBytes(16);
    const key = pbkdf2Sync(password.utf8, salt, MODERN_ROUNDS, 32, 'sha256');
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    key.fill(0);
    const derivation = sequence(octetString(salt), integer(MODERN_ROUNDS), sequence(objectId(HMAC_WITH_SHA256), NULL));
    const algorithm = sequence(
      objectId(PBES2),
      sequence(sequence(objectId(PBKDF2), derivation), sequence(objectId(AES_256_CBC), octetString(iv))),
    );
    return { algorithm, ciphertext };
  },
  mac: (content) => macData('sha256', 32, password, MODERN_ROUNDS, content),
});

/** 3DES and SHA-1, for importers that know nothing newer. */
const compatible = (password: Password): Protection => ({
  encrypt: (plain) => {
    const salt = randomBytes(SHORT_SALT_BYTES);
    const key = derive('sha1', PURPOSE.encryptionKey, password.bmp, salt, COMPATIBLE_ROUNDS, 24);
    const iv = derive('sha1', PURPOSE.initialVector, password.bmp, salt, COMPATIBLE_ROUNDS, 8);
    const cipher = createCipheriv('des-ede3-cbc', key, iv);
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    key.fill(0);
    const parameters = sequence(octetString(salt), integer(COMPATIBLE_ROUNDS));
    return { algorithm: sequence(objectId(PBE_WITH_SHA_AND_3_KEY_3DES), parameters), ciphertext };
  },
  mac: (content) => macData('sha1', 20, password, COMPATIBLE_ROUNDS, content),
});

export const PROTECTIONS: Readonly<Record<PfxForm, (password: Password) => Protection>> = { modern, compatible };
