import type { KeyKind } from '../keys/key-kinds.js';
import type { Attribute } from '../names.js';
import type { RevocationReason } from '../revocation/reasons.js';

/** RFC 5280 §4.2.1.3, by bit. */
export const KEY_USAGE = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  keyCertSign: 5,
  cRLSign: 6,
} as const;
export type KeyUsage = keyof typeof KEY_USAGE;

export const EXTENDED_KEY_USAGE = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  /** RFC 9336. */
  documentSigning: '1.3.6.1.5.5.7.3.36',
  /** Older readers of documents know only this one. */
  microsoftDocumentSigning: '1.3.6.1.4.1.311.10.3.12',
} as const;
export type ExtendedKeyUsage = keyof typeof EXTENDED_KEY_USAGE;

/** How long certificates may be valid. `maxDaysFrom` lists [first day of issue, limit] in order of time. */
export type ValidityRule =
  | Readonly<{ kind: 'years'; allowed: readonly number[] }>
  | Readonly<{ kind: 'max-days'; maxDaysFrom: readonly (readonly [from: string, days: number])[] }>;

/** Everything a certificate of one kind may contain. What a profile does not name cannot be signed. */
export interface Profile {
  readonly id: ProfileId;
  readonly subject: {
    readonly required: readonly Attribute[];
    readonly optional: readonly Attribute[];
    readonly commonName?: RegExp;
  };
  readonly keys: readonly KeyKind[];
  readonly validity: ValidityRule;
  /** Present for a certification authority only. */
  readonly authority?: { readonly pathLength?: number };
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly dnsNames: 'none' | 'exact' | 'exact-or-wildcard';
  readonly policies: readonly string[];
  /** Where the certification practice statement can be read. */
  readonly practiceStatement?: string;
  /** Certificates that nobody can revoke (roots, short-lived responders) name no place to ask. */
  readonly statusPlaces: boolean;
  readonly revocationReasons: readonly RevocationReason[];
}

export type ProfileId =
  | 'root'
  | 'signing-authority'
  | 'client-authority'
  | 'server-authority'
  | 'personal-signing'
  | 'client-authentication'
  | 'server-organization'
  | 'server-extended'
  | 'ocsp-responder';
