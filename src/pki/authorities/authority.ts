import { createHash, X509Certificate } from 'node:crypto';
import type { Signer } from '../keys/signer.js';
import type { ProfileId } from '../profiles/profile.js';

/** Where everybody may fetch what belongs to an authority: plain HTTP, for a verifier cannot verify TLS first. */
export interface PublicPlaces {
  /** A folder: the lists of an authority are files in it. */
  readonly crlFolder: string;
  readonly ocsp: string;
  readonly certificate: string;
}

/** A certification authority that can sign: its certificate, its key, and what it may issue. */
export interface Authority {
  readonly id: string;
  /** DER. */
  readonly certificate: Buffer;
  /** DER of its name, exactly as it stands in its own certificate. */
  readonly name: Buffer;
  readonly keyIdentifier: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly signer: Signer;
  readonly places: PublicPlaces;
  readonly issues: readonly ProfileId[];
  /** Which revocation list a certificate names: the authority's only one, or that of its quarter of issue. */
  readonly lists: 'one' | 'per-quarter';
  /** Whether its lists go on naming certificates that have expired, for those who verify old signatures. */
  readonly listsExpired: boolean;
  /** From this authority's own certificate up to, and with, its root. DER. */
  readonly chain: readonly Buffer[];
}

/** RFC 5280 §4.2.1.2 (1): SHA-1 of the public key's bits. An identifier, not a protection. */
export const keyIdentifierOf = (publicKeyBits: Uint8Array): Buffer => createHash('sha1').update(publicKeyBits).digest();

/** The serial as registers and status requests spell it: lower-case hex of its bytes, none of them a leading zero. */
export const serialOf = (certificate: Buffer): string => new X509Certificate(certificate).serialNumber.toLowerCase();
