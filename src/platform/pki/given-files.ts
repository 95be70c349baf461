import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { givenAuthority } from '../../pki/authorities/hierarchies.js';
import { localSigner } from '../../pki/keys/local-signer.js';
import type { Signer } from '../../pki/keys/signer.js';
import { fromPem } from '../../pki/pem.js';
import { asTrouble, PkiTrouble } from './pki-trouble.js';

const EVERYBODY = 0o007;

const assertPrivate = (variable: string, path: string): void => {
  if ((statSync(path).mode & EVERYBODY) !== 0)
    throw new PkiTrouble(`${variable}: everybody on this machine may read it: chmod o-rwx ${path}`);
};

export const readGivenKey = (keyFile: string): KeyObject => {
  assertPrivate('PKI_KEY_FILE', keyFile);
  try {
    return createPrivateKey(readFileSync(keyFile));
  } catch (cause) {
    throw new PkiTrouble('PKI_KEY_FILE: it must hold one private key as PEM, without a passphrase.', { cause });
  }
};

export const readGivenPin = (pinFile: string): string => {
  assertPrivate('PKI_PKCS11_PIN_FILE', pinFile);
  const pin = readFileSync(pinFile, 'utf8').trim();
  if (pin === '') throw new PkiTrouble('PKI_PKCS11_PIN_FILE: it is empty; it must hold the PIN of the token.');
  return pin;
};

export const readGivenChain = (chainFile: string): readonly Buffer[] => {
  const chain = fromPem('CERTIFICATE', readFileSync(chainFile, 'latin1'));
  try {
    for (const certificate of chain) new X509Certificate(certificate);
  } catch (cause) {
    throw new PkiTrouble('PKI_CHAIN_FILE: what stands there between the PEM lines is no certificate.', { cause });
  }
  return chain;
};

/** Knows which key it would sign with, and never does. */
const signerOfChain = ([certificate]: readonly Buffer[]): Signer => {
  const spki = certificate ? new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }) : '';
  return { keyId: 'of the token', spki: Buffer.from(spki) } as unknown as Signer;
};

/**
 * What is wrong with the files of authorities that are given, all of it, as far as it shows before a database is open and
 * a token has been asked.
 */
export const givenFileFaultsOf = (
  { chainFile, keyFile, pinFile, publicUrl }: GivenFiles,
  now: Date,
): readonly string[] => {
  const faults: string[] = [];
  const told = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof PkiTrouble)) throw error;
      faults.push(error.message);
      return null;
    }
  };
  const key = keyFile && told(() => readGivenKey(keyFile));
  if (pinFile !== null) told(() => readGivenPin(pinFile));
  const chain = chainFile && told(() => readGivenChain(chainFile));
  if (!chain) return faults;
  const signer = key ? localSigner('of PKI_KEY_FILE', key) : signerOfChain(chain);
  told(() => {
    try {
      givenAuthority('signing', { chain, signer, publicBase: publicUrl, now });
    } catch (error) {
      throw asTrouble(error, { chainFile });
    }
  });
  return faults;
};

export type GivenFiles = Readonly<{
  chainFile: string | null;
  keyFile: string | null;
  pinFile: string | null;
  publicUrl: string;
}>;
