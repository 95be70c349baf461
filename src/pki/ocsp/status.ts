import type { RevocationReason } from '../revocation/reasons.js';

export type CertificateStatus =
  | Readonly<{ kind: 'good' }>
  | Readonly<{ kind: 'unknown' }>
  | Readonly<{ kind: 'revoked'; effectiveAt: Date; reason: RevocationReason }>;

/** The register of certificates, asked by serial. A serial that was only reserved is unknown. */
export type StatusOf = (serial: string) => CertificateStatus | Promise<CertificateStatus>;

export interface OcspAnswer {
  readonly body: Buffer;
  /** Until when it may be repeated to others; absent when it was made for one asker, or says nothing. */
  readonly reusable?: { readonly thisUpdate: Date; readonly nextUpdate: Date };
}
