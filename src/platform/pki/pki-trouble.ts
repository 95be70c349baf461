import { NoAuthority } from '../../pki/authorities/open-authority.js';
import { type TokenFault, TokenTrouble } from '../../pki/keys/pkcs11/token.js';
import type { PkiConfig } from '../config/config.js';

/** What is wrong with the authorities as they are configured, and what whoever runs the service can do about it. */
export class PkiTrouble extends Error {
  override readonly name = 'PkiTrouble';
}

const ADVICE: Readonly<Record<TokenFault, (said: string) => string>> = {
  NOT_INSTALLED: () =>
    'PKI_PKCS11_LIBRARY: tokens need the package pkcs11js; add it with "npm install --no-save pkcs11js".',
  LIBRARY: (said) => `PKI_PKCS11_LIBRARY: this is no PKCS#11 library for this machine (${oneLine(said)}).`,
  TOKEN: (said) => `PKI_PKCS11_TOKEN: ${said}; name one that the library shows.`,
  LOGIN: () => 'PKI_PKCS11_PIN_FILE: the token refused the PIN in that file.',
  KEY: (said) => `PKI_PKCS11_TOKEN: ${said}; make one key pair there under that label.`,
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** Faults of the configuration in its own words; anything else stays the fault that it is. */
export const asTrouble = (error: unknown, { chainFile }: Pick<PkiConfig, 'chainFile'>): unknown => {
  if (error instanceof TokenTrouble) return new PkiTrouble(ADVICE[error.fault](error.message), { cause: error });
  if (error instanceof NoAuthority && chainFile !== null)
    return new PkiTrouble(
      `PKI_CHAIN_FILE: ${error.message}. It must hold the issuing authority's certificate first and its root last, each ` +
        'signed by the next, and belong to the key.',
      { cause: error },
    );
  return error;
};
