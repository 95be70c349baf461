import type { Authority } from '../authorities/authority.js';
import type { Profile } from '../profiles/profile.js';

/** Codes are stable: what once stood in a log keeps its meaning. */
export type FindingCode =
  | 'VERSION'
  | 'SERIAL'
  | 'SIGNATURE_ALGORITHM'
  | 'ISSUER_NAME'
  | 'PROFILE_NOT_ISSUED_HERE'
  | 'SUBJECT_ATTRIBUTE_MISSING'
  | 'SUBJECT_ATTRIBUTE_NOT_ALLOWED'
  | 'SUBJECT_ATTRIBUTE_REPEATED'
  | 'SUBJECT_ATTRIBUTE_EMPTY'
  | 'SUBJECT_ATTRIBUTE_TOO_LONG'
  | 'SUBJECT_ATTRIBUTE_CHARACTER'
  | 'SUBJECT_FORM'
  | 'COMMON_NAME_FORM'
  | 'KEY_KIND'
  | 'KEY_TOO_WEAK_FOR_TERM'
  | 'NOT_BEFORE_IN_FUTURE'
  | 'BACKDATED'
  | 'TERM'
  | 'VALIDITY_FORM'
  | 'BEFORE_ISSUER'
  | 'OUTLIVES_ISSUER'
  | 'EXTENSION_MISSING'
  | 'EXTENSION_NOT_ALLOWED'
  | 'EXTENSION_REPEATED'
  | 'EXTENSION_CRITICALITY'
  | 'EXTENSION_VALUE'
  | 'DNS_NAME'
  | 'COMMON_NAME_NOT_IN_DNS_NAMES';

export interface Finding {
  readonly code: FindingCode;
  /** Which part; never what stood in it, for that may be personal. */
  readonly part?: string;
}

export type Report = (code: FindingCode, part?: string) => void;

/** What a certificate body is held against. */
export interface Yardstick {
  readonly profile: Profile;
  readonly issuer: Omit<Authority, 'signer' | 'certificate' | 'chain'> & {
    readonly signer: Pick<Authority['signer'], 'alg'>;
  };
  readonly now: Date;
}
