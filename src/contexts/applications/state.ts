import { unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import type { ApplicantType, ApplicationEvent, issuanceApplicationSubmitted } from './events.messages.js';

export const STATUSES = [
  'DutiesAgreed',
  'Abandoned',
  'AwaitingApplicantLink',
  'EnteringDetails',
  'HolderInSession',
  'AwaitingHolderApproval',
  'UnderReview',
  'Issued',
  'Active',
  'Revoked',
  'Expired',
  'RejectedByHolder',
  'Returned',
] as const;
export type Status = 'None' | (typeof STATUSES)[number];

/** What moves on by the link of the application mail. */
const BY_APPLICANT: readonly Status[] = ['AwaitingApplicantLink', 'EnteringDetails', 'HolderInSession'];

export const ENDED: readonly Status[] = ['Abandoned', 'Active', 'Revoked', 'Expired', 'RejectedByHolder', 'Returned'];

export type Link = Readonly<{ linkId: string; expiresAt: string; sent: boolean }>;
export type IdentityDocument = Readonly<{
  documentId: string;
  fileName: string;
  mediaType: string;
  sizeBytes: number;
  sha256: string;
}>;
export type Details = Omit<MessageOf<typeof issuanceApplicationSubmitted>['data'], 'applicationId' | 'documentId'>;
export type Registration = Readonly<{
  applicantType: ApplicantType;
  companyCode: string;
  ticketId: string;
  termYears: number;
  applicantMail: string;
}>;

export type Application = Readonly<{
  status: Status;
  registration: Registration | null;
  applicantLink: Link | null;
  /** The newest one last; those before it are dead. */
  holderLinks: readonly Link[];
  document: IdentityDocument | null;
  /** Who of the staff has looked at this very document. */
  documentViewers: readonly string[];
  details: Details | null;
  summarySaved: boolean;
  keyId: string | null;
  reviewDueAt: string | null;
  reviewStarted: boolean;
  reviewOverdue: boolean;
  verifierId: string | null;
  issuanceOrdered: boolean;
  /** How often it was ordered: what could not be carried out may be ordered again. */
  issuanceOrders: number;
  certificateId: string | null;
  /** Why it ended without a certificate, in the words of whoever ended it. */
  endReason: string | null;
  /** Mails that were recorded as sent. */
  noticesSent: readonly string[];
}>;

export const noApplication: Application = {
  status: 'None',
  registration: null,
  applicantLink: null,
  holderLinks: [],
  document: null,
  documentViewers: [],
  details: null,
  summarySaved: false,
  keyId: null,
  reviewDueAt: null,
  reviewStarted: false,
  reviewOverdue: false,
  verifierId: null,
  issuanceOrdered: false,
  issuanceOrders: 0,
  certificateId: null,
  endReason: null,
  noticesSent: [],
};

/** The one link by which the application can move on now, if it waits for somebody outside. */
export const actingLinkOf = ({ status, applicantLink, holderLinks }: Application): Link | null => {
  if (status === 'AwaitingHolderApproval') return holderLinks.at(-1) ?? null;
  return BY_APPLICANT.includes(status) ? applicantLink : null;
};

/** Whether the ticket is this application's: an application that has ended has given it back, or spent it. */
export const holdsTicket = ({ registration, status }: Application, ticketId: string): boolean =>
  registration?.ticketId === ticketId && !ENDED.includes(status);

export const linksOf = ({ applicantLink, holderLinks }: Application): readonly Link[] => [
  ...(applicantLink ? [applicantLink] : []),
  ...holderLinks,
];

const resent = (links: readonly Link[], changed: Link): readonly Link[] =>
  links.map((link) => (link.linkId === changed.linkId ? changed : link));

type Handlers = { [E in ApplicationEvent as E['type']]: (application: Application, data: E['data']) => Application };
const unchanged = (application: Application): Application => application;
const noticed = (application: Application, { notificationId }: { notificationId: string }): Application => ({
  ...application,
  noticesSent: [...application.noticesSent, notificationId],
});

const handlers: Handlers = {
  'applications.UserDutiesAgreed': (a) => ({ ...a, status: 'DutiesAgreed' }),
  'applications.RegistrationAbandoned': (a) => ({ ...a, status: 'Abandoned' }),
  'applications.ApplicationRegistered': (a, { applicationId: _, ...registration }) => ({
    ...a,
    status: 'AwaitingApplicantLink',
    registration,
  }),
  'applications.ApplicationLinkIssued': (a, { linkId, expiresAt }) => ({
    ...a,
    applicantLink: { linkId, expiresAt, sent: false },
  }),
  'applications.ApplicationLinkSent': (a, { linkId, expiresAt }) => ({
    ...a,
    applicantLink: { linkId, expiresAt, sent: true },
  }),
  'applications.ApplicationLinkOpened': (a) => ({ ...a, status: 'EnteringDetails' }),
  'applications.ApplicantLinkUsed': unchanged,
  'applications.ApplicationLinkExpired': unchanged,
  'applications.IdentityDocumentUploaded': (a, { documentId, fileName, mediaType, sizeBytes, sha256 }) => ({
    ...a,
    document: { documentId, fileName, mediaType, sizeBytes, sha256 },
    documentViewers: [],
  }),
  'applications.IdentityDocumentViewed': (a, { documentId, viewerId }) =>
    viewerId === null || documentId !== a.document?.documentId || a.documentViewers.includes(viewerId)
      ? a
      : { ...a, documentViewers: [...a.documentViewers, viewerId] },
  'applications.IdentityDocumentDeleted': (a) => ({ ...a, document: null }),
  'applications.ApplicationSummaryDownloaded': unchanged,
  'applications.IssuanceApplicationSubmitted': (a, { applicationId: _, documentId: __, ...details }) => ({
    ...a,
    status: a.registration!.applicantType === 'self' ? 'HolderInSession' : 'AwaitingHolderApproval',
    details,
  }),
  'applications.HolderApprovalRequested': unchanged,
  'applications.HolderLinkIssued': (a, { linkId, expiresAt }) => ({
    ...a,
    holderLinks: [...a.holderLinks, { linkId, expiresAt, sent: false }],
    // What was saved before belongs to whoever opened the old link.
    summarySaved: false,
  }),
  'applications.HolderLinkSent': (a, { linkId, expiresAt }) => ({
    ...a,
    holderLinks: resent(a.holderLinks, { linkId, expiresAt, sent: true }),
  }),
  'applications.HolderLinkExpired': unchanged,
  'applications.ApplicationExpired': (a) => ({ ...a, status: 'Expired' }),
  'applications.HolderSummaryDownloaded': (a) => ({ ...a, summarySaved: true }),
  'applications.IssuanceApplicationApprovedByHolder': (a, { keyId, reviewDueAt }) => ({
    ...a,
    status: 'UnderReview',
    keyId,
    reviewDueAt,
  }),
  'applications.IssuanceApplicationRejectedByHolder': (a, { reason }) => ({
    ...a,
    status: 'RejectedByHolder',
    endReason: reason,
  }),
  'applications.ApplicationReviewStarted': (a) => ({ ...a, reviewStarted: true }),
  'applications.ReviewOverdue': (a) => ({ ...a, reviewOverdue: true }),
  'applications.IdentityVerified': (a, { verifierId }) => ({ ...a, verifierId }),
  'applications.IssuanceOrdered': (a) => ({ ...a, issuanceOrdered: true, issuanceOrders: a.issuanceOrders + 1 }),
  'applications.IssuanceFailed': (a) => ({ ...a, issuanceOrdered: false }),
  'applications.ApplicationReturned': (a, { reason }) => ({ ...a, status: 'Returned', endReason: reason }),
  'applications.CertificateIssued': (a, { certificateId }) => ({ ...a, status: 'Issued', certificateId }),
  'applications.CertificateActivated': (a) => ({ ...a, status: 'Active' }),
  'applications.CertificateRevoked': (a) => ({ ...a, status: 'Revoked' }),
  'applications.ApplicationAcceptedNoticeSent': noticed,
  'applications.ReapplicationRequestSent': noticed,
  'applications.IssuanceCompletedNoticeSent': noticed,
  'applications.ApplicationEndedNoticeSent': noticed,
  'applications.LinkReminderSent': noticed,
};

export const evolve = (application: Application, { type, data }: ApplicationEvent): Application => {
  const handle = handlers[type] as ((application: Application, data: unknown) => Application) | undefined;
  return handle ? handle(application, data) : unreachable(type as never);
};
