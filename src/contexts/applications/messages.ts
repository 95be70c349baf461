import { message, type MessageOf } from '../../kernel/message.js';
import { count, flag, instant, listOf, oneOf, orNull, personal, record, text, whole } from '../../kernel/schema.js';
import { APPLICANT_TYPES, details } from './events.messages.js';

export * from './events.messages.js';

export const SERVICE = 'e-contract';

const application = { applicationId: text() };
const link = { ...application, linkId: text() };

export const agreeToDuties = message('applications.AgreeToDuties', { ...application, dutiesVersion: text() });
export const registerApplication = message('applications.RegisterApplication', {
  ...application,
  applicantType: oneOf(APPLICANT_TYPES),
  companyCode: text(),
  ticketId: text(),
  termYears: whole(1, 3),
  applicantMail: personal(text()),
});
/** Sent when a ticket was reserved and nothing followed: whichever of the two reaches the stream first holds. */
export const abandonRegistration = message('applications.AbandonRegistration', { ...application, ticketId: text() });

export const recordLinkSent = message('applications.RecordLinkSent', { ...link, sentAt: instant() });
export const openApplicationLink = message('applications.OpenApplicationLink', link);
/** `deadline` is the one that the timer served; the stream knows whether it still is the one. */
export const expireLink = message('applications.ExpireLink', { ...link, deadline: instant() });

export const attachIdentityDocument = message('applications.AttachIdentityDocument', {
  ...link,
  documentId: text(),
  fileName: personal(text()),
  mediaType: text(),
  sizeBytes: count(),
  sha256: text(),
  checkedBy: text(),
});
/** Facts about the user whom the applicant named, looked up just before; null where there is no such user. */
const holderUser = {
  holderUser: orNull(
    record({
      accountId: text(),
      userId: text(),
      vendorCode: text(),
      companyCode: text(),
      tenant: text(),
      roles: listOf(text()),
      mails: listOf(text()),
    }),
  ),
  /** The partners that have a user with the applicant's own address. */
  applicantVendors: listOf(text()),
};
export type HolderUser = NonNullable<MessageOf<typeof submitIssuanceApplication>['data']['holderUser']>;

export const downloadApplicationSummary = message('applications.DownloadApplicationSummary', link);
export const submitIssuanceApplication = message('applications.SubmitIssuanceApplication', {
  ...link,
  ...details,
  ...holderUser,
});
export const requestHolderLink = message('applications.RequestHolderLink', application);

export const downloadHolderSummary = message('applications.DownloadHolderSummary', link);
export const approveIssuanceApplication = message('applications.ApproveIssuanceApplication', {
  ...link,
  keyId: text(),
  confirmed: flag(),
  /** The holder was asked whether to save the content first, and goes on without. */
  withoutSummary: flag(),
});
export const rejectIssuanceApplication = message('applications.RejectIssuanceApplication', {
  ...link,
  reason: personal(text()),
});

export const startApplicationReview = message('applications.StartApplicationReview', application);
/** `documentId` is the one that will be shown. */
export const viewIdentityDocument = message('applications.ViewIdentityDocument', {
  ...application,
  documentId: text(),
});
export const verifyIdentity = message('applications.VerifyIdentity', application);
export const orderIssuance = message('applications.OrderIssuance', {
  ...application,
  /** Whether somebody other than the verifier must order it; the operator's choice. */
  secondPersonRequired: flag(),
});
export const returnApplication = message('applications.ReturnApplication', {
  ...application,
  reason: personal(text()),
});
export const deleteIdentityDocument = message('applications.DeleteIdentityDocument', application);
export const flagReviewOverdue = message('applications.FlagReviewOverdue', { ...application, deadline: instant() });
export const recordIssuanceFailed = message('applications.RecordIssuanceFailed', { ...application, cause: text() });
export const recordCertificateIssued = message('applications.RecordCertificateIssued', {
  ...application,
  certificateId: text(),
  serial: text(),
  notBefore: instant(),
  notAfter: instant(),
});
export const recordCertificateActivated = message('applications.RecordCertificateActivated', {
  ...application,
  certificateId: text(),
});

export const recordCertificateRevoked = message('applications.RecordCertificateRevoked', {
  ...application,
  certificateId: text(),
});

export const NOTICE_KINDS = [
  'applicationAcceptedNoticeSent',
  'reapplicationRequestSent',
  'issuanceCompletedNoticeSent',
  'applicationEndedNoticeSent',
  'linkReminderSent',
] as const;
export const recordNoticeSent = message('applications.RecordNoticeSent', {
  ...application,
  notice: oneOf(NOTICE_KINDS),
  notificationId: text(),
  sentAt: instant(),
});

export const applicationCommands = [
  agreeToDuties,
  registerApplication,
  abandonRegistration,
  recordLinkSent,
  openApplicationLink,
  expireLink,
  attachIdentityDocument,
  downloadApplicationSummary,
  submitIssuanceApplication,
  requestHolderLink,
  downloadHolderSummary,
  approveIssuanceApplication,
  rejectIssuanceApplication,
  startApplicationReview,
  viewIdentityDocument,
  verifyIdentity,
  orderIssuance,
  returnApplication,
  deleteIdentityDocument,
  flagReviewOverdue,
  recordIssuanceFailed,
  recordCertificateIssued,
  recordCertificateActivated,
  recordCertificateRevoked,
  recordNoticeSent,
] as const;
export type ApplicationCommand = MessageOf<(typeof applicationCommands)[number]>;

export const applicationStream = (applicationId: string): string => `application-${applicationId}`;
