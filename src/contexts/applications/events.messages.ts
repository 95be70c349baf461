import { message, type MessageOf } from '../../kernel/message.js';
import { count, instant, oneOf, orNull, personal, text, whole } from '../../kernel/schema.js';

/** Everything that becomes of one application stands in its stream. */
const application = { applicationId: text() };
/** Names a link; its token is derived from the name and stands nowhere. */
const link = { ...application, linkId: text() };
const notice = { ...application, notificationId: text() };

export const APPLICANT_TYPES = ['self', 'agent'] as const;
export type ApplicantType = (typeof APPLICANT_TYPES)[number];

/** What is certified, and whom to ask about it. Japanese names stand as they were written. */
export const details = {
  companyName: text(),
  companyNameKana: text(),
  familyName: personal(text()),
  givenName: personal(text()),
  familyNameKana: personal(text()),
  givenNameKana: personal(text()),
  holderUserId: personal(text()),
  holderMail: personal(text()),
  displayName: personal(text()),
  contactPhone: personal(text()),
};

export const userDutiesAgreed = message('applications.UserDutiesAgreed', { ...application, dutiesVersion: text() });
export const registrationAbandoned = message('applications.RegistrationAbandoned', {
  ...application,
  ticketId: text(),
});
export const applicationRegistered = message('applications.ApplicationRegistered', {
  ...application,
  applicantType: oneOf(APPLICANT_TYPES),
  companyCode: text(),
  ticketId: text(),
  termYears: whole(1, 3),
  applicantMail: personal(text()),
});

export const applicationLinkIssued = message('applications.ApplicationLinkIssued', { ...link, expiresAt: instant() });
/** The three days run from here, so the deadline is said again. */
export const applicationLinkSent = message('applications.ApplicationLinkSent', {
  ...link,
  sentAt: instant(),
  expiresAt: instant(),
});
export const applicationLinkOpened = message('applications.ApplicationLinkOpened', link);
export const applicantLinkUsed = message('applications.ApplicantLinkUsed', link);
export const applicationLinkExpired = message('applications.ApplicationLinkExpired', { ...link, dueAt: instant() });

const document = { ...application, documentId: text() };
export const identityDocumentUploaded = message('applications.IdentityDocumentUploaded', {
  ...document,
  fileName: personal(text()),
  mediaType: text(),
  sizeBytes: count(),
  sha256: text(),
  /** What looked for malware in it; `none` where the operator has set up no such check. */
  checkedBy: text(),
  /** The file that this one takes the place of; it is then removed. */
  replacedDocumentId: orNull(text()),
});
export const identityDocumentViewed = message(
  'applications.IdentityDocumentViewed',
  {
    ...document,
    /** Who looked; null where it was not recorded. */
    viewerId: orNull(text()),
  },
  2,
);
export const identityDocumentDeleted = message('applications.IdentityDocumentDeleted', document);

export const applicationSummaryDownloaded = message('applications.ApplicationSummaryDownloaded', application);
export const issuanceApplicationSubmitted = message(
  'applications.IssuanceApplicationSubmitted',
  {
    ...application,
    ...details,
    documentId: text(),
    /** The partner company whose user the holder is. */
    holderTenant: text(),
    /** Who bore the user ID then; the ID may be another's by the time of the issuance. Null where it was not recorded. */
    holderAccountId: orNull(text()),
  },
  2,
);

export const holderApprovalRequested = message('applications.HolderApprovalRequested', application);
export const holderLinkIssued = message('applications.HolderLinkIssued', {
  ...link,
  expiresAt: instant(),
  /** The link that this one replaces; it is dead from now on. */
  replacedLinkId: orNull(text()),
});
export const holderLinkSent = message('applications.HolderLinkSent', {
  ...link,
  sentAt: instant(),
  expiresAt: instant(),
});
export const holderLinkExpired = message('applications.HolderLinkExpired', { ...link, dueAt: instant() });
export const applicationExpired = message('applications.ApplicationExpired', {
  ...application,
  dueAt: instant(),
  waitingFor: oneOf(['applicant', 'holder']),
});

/** The summary holds the PIN; the event does not. */
export const holderSummaryDownloaded = message('applications.HolderSummaryDownloaded', application);
export const issuanceApplicationApprovedByHolder = message('applications.IssuanceApplicationApprovedByHolder', {
  ...application,
  /** Names the sealed key in the vault, which only the holder's PIN opens. */
  keyId: text(),
  reviewDueAt: instant(),
});
export const issuanceApplicationRejectedByHolder = message('applications.IssuanceApplicationRejectedByHolder', {
  ...application,
  reason: personal(text()),
});

export const applicationReviewStarted = message('applications.ApplicationReviewStarted', application);
export const reviewOverdue = message('applications.ReviewOverdue', { ...application, dueAt: instant() });
export const identityVerified = message('applications.IdentityVerified', {
  ...application,
  verifierId: text(),
});
export const issuanceOrdered = message('applications.IssuanceOrdered', application);
/** The certificate could not be made as ordered: the review has it back. `cause` is a name of ours, not a person's. */
export const issuanceFailed = message('applications.IssuanceFailed', { ...application, cause: text() });
export const applicationReturned = message('applications.ApplicationReturned', {
  ...application,
  reason: personal(text()),
});
export const certificateIssued = message('applications.CertificateIssued', {
  ...application,
  certificateId: text(),
  serial: text(),
  notBefore: instant(),
  notAfter: instant(),
});
export const certificateActivated = message('applications.CertificateActivated', {
  ...application,
  certificateId: text(),
});

/** Revoked before anybody could use it: there is nothing to wait for any more. */
export const certificateRevoked = message('applications.CertificateRevoked', {
  ...application,
  certificateId: text(),
});

const applicationAcceptedNoticeSent = message('applications.ApplicationAcceptedNoticeSent', notice);
const reapplicationRequestSent = message('applications.ReapplicationRequestSent', notice);
const issuanceCompletedNoticeSent = message('applications.IssuanceCompletedNoticeSent', {
  ...notice,
  sentAt: instant(),
});
const applicationEndedNoticeSent = message('applications.ApplicationEndedNoticeSent', notice);
const linkReminderSent = message('applications.LinkReminderSent', notice);

/** What is recorded when a mail has left that needs no more than to be recorded. */
export const sentNotices = {
  applicationAcceptedNoticeSent,
  reapplicationRequestSent,
  issuanceCompletedNoticeSent,
  applicationEndedNoticeSent,
  linkReminderSent,
} as const;

export const applicationEvents = [
  userDutiesAgreed,
  registrationAbandoned,
  applicationRegistered,
  applicationLinkIssued,
  applicationLinkSent,
  applicationLinkOpened,
  applicantLinkUsed,
  applicationLinkExpired,
  identityDocumentUploaded,
  identityDocumentViewed,
  identityDocumentDeleted,
  applicationSummaryDownloaded,
  issuanceApplicationSubmitted,
  holderApprovalRequested,
  holderLinkIssued,
  holderLinkSent,
  holderLinkExpired,
  applicationExpired,
  holderSummaryDownloaded,
  issuanceApplicationApprovedByHolder,
  issuanceApplicationRejectedByHolder,
  applicationReviewStarted,
  reviewOverdue,
  identityVerified,
  issuanceOrdered,
  issuanceFailed,
  applicationReturned,
  certificateIssued,
  certificateActivated,
  certificateRevoked,
  applicationAcceptedNoticeSent,
  reapplicationRequestSent,
  issuanceCompletedNoticeSent,
  applicationEndedNoticeSent,
  linkReminderSent,
] as const;
export type ApplicationEvent = MessageOf<(typeof applicationEvents)[number]>;
