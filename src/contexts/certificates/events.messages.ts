import { message, type MessageOf } from '../../kernel/message.js';
import { count, flag, instant, oneOf, orNull, personal, record, text } from '../../kernel/schema.js';

const certificate = { certificateId: text() };
/** The user to whom a certificate belongs; the name people know it by is kept, for users are deleted. */
export const holder = { accountId: orNull(text()), userId: personal(text()) };

/** When a certificate becomes usable; each service has its own rule. */
export const ACTIVATIONS = ['IMMEDIATE', 'SECOND_BUSINESS_DAY'] as const;

/** RFC 5280's reasons that the profiles of holders' certificates allow. */
export const REASONS = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;
export type Reason = (typeof REASONS)[number];

/** What people say who ask for a revocation: the duties of a holder name these. */
export const CAUSES = ['lost', 'stolen', 'damaged', 'leaked', 'changed', 'endOfUse'] as const;
export type Cause = (typeof CAUSES)[number];

/** On whose word a certificate was revoked. */
export const REVOKERS = ['APPLICATION', 'LRA', 'POLICY_BODY'] as const;

/** Who and what is certified. The certificate itself is in the register, under its serial. */
export const issued = {
  ...certificate,
  applicationId: text(),
  /** The group of the holder: nobody outside it sees the certificate. */
  tenant: text(),
  ...holder,
  /** Names the sealed key in the vault; null where the holder keeps the key. */
  keyId: orNull(text()),
  authorityId: text(),
  profile: text(),
  serial: text(),
  /** SHA-256 of the certificate. */
  fingerprint: text(),
  companyName: text(),
  holderName: personal(text()),
  holderMail: personal(text()),
  commonName: personal(text()),
  termYears: count(),
  notBefore: instant(),
  notAfter: instant(),
  activation: oneOf(ACTIVATIONS),
};

export const certificateIssued = message('certificates.CertificateIssued', issued);
export const certificateActivationScheduled = message('certificates.CertificateActivationScheduled', {
  ...certificate,
  /** When the holder was told that the certificate was issued. */
  noticeSentAt: instant(),
  activeFrom: instant(),
});
/** `dueAt` is when it became usable; the event's own time is when the timer woke. */
export const certificateActivated = message('certificates.CertificateActivated', { ...certificate, dueAt: instant() });
export const certificateExpired = message('certificates.CertificateExpired', { ...certificate, dueAt: instant() });

export const certificateTestSucceeded = message('certificates.CertificateTestSucceeded', { ...certificate, ...holder });
export const certificateTestFailed = message('certificates.CertificateTestFailed', {
  ...certificate,
  ...holder,
  cause: oneOf(['pin', 'signature']),
});
export const certificateFileTaken = message('certificates.CertificateFileTaken', {
  ...certificate,
  ...holder,
  form: oneOf(['modern', 'compatible']),
});

const request = { ...certificate, requestId: text() };
export const revocationRequested = message('certificates.RevocationRequested', {
  ...request,
  cause: oneOf(CAUSES),
  /** In the applicant's own words. */
  statement: personal(text()),
  mail: personal(text()),
  dueAt: instant(),
});
export const revocationRequestDismissed = message('certificates.RevocationRequestDismissed', {
  ...request,
  note: text(),
});
export const certificateRevoked = message('certificates.CertificateRevoked', {
  ...certificate,
  ...holder,
  holderMail: personal(text()),
  commonName: personal(text()),
  authorityId: text(),
  serial: text(),
  notBefore: instant(),
  by: oneOf(REVOKERS),
  /** The request that was granted; null where nobody had asked. */
  requestId: orNull(text()),
  reason: oneOf(REASONS),
  effectiveAt: instant(),
});

/**
 * The application ended without a certificate although one was ordered. What may have been made for it, before whose it
 * would be had changed, is nobody's: it is revoked, and none is recorded any more.
 */
export const issuanceWithdrawn = message('certificates.IssuanceWithdrawn', {
  ...certificate,
  applicationId: text(),
  authorityId: text(),
  /** Of the certificate that had been made and not recorded; null where there was none. */
  made: orNull(record({ serial: text(), notBefore: instant() })),
  effectiveAt: instant(),
});

export const certificateLifeEvents = [
  certificateIssued,
  issuanceWithdrawn,
  certificateActivationScheduled,
  certificateActivated,
  certificateExpired,
  certificateTestSucceeded,
  certificateTestFailed,
  certificateFileTaken,
  revocationRequested,
  revocationRequestDismissed,
  certificateRevoked,
] as const;
export type CertificateEvent = MessageOf<(typeof certificateLifeEvents)[number]>;

/** The link between a signer and the certificate that signs; a stream per account, so that there is one at most. */
const registration = {
  accountId: text(),
  userId: personal(text()),
  ...certificate,
  fileName: personal(text()),
  notAfter: instant(),
};

export const certificateRegisteredToSigner = message('certificates.CertificateRegisteredToSigner', {
  ...registration,
  /** True where nobody did it: the second business day had come. */
  automatic: flag(),
});
export const certificateReplaced = message('certificates.CertificateReplaced', {
  ...registration,
  replacedCertificateId: text(),
  automatic: flag(),
});
export const certificateUnregistered = message('certificates.CertificateUnregistered', {
  accountId: text(),
  userId: personal(text()),
  ...certificate,
});

export const signerEvents = [certificateRegisteredToSigner, certificateReplaced, certificateUnregistered] as const;
export type SignerEvent = MessageOf<(typeof signerEvents)[number]>;
