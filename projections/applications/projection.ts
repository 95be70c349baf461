import type { ApplicationEvent, identityDocumentViewed } from '../../src/contexts/applications/messages.js';
import type { MessageOf } from '../../src/kernel/message.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { ProjectionDefinition, Rows } from '../../src/platform/projections/definition.js';
import { type ApplicationRow, applicationsOf, applicationTables, nothingKnown } from './tables.js';

type Change = Partial<Omit<ApplicationRow, 'application_id'>>;
type At = Readonly<{ at: string; actor: string }>;
type Handlers = { [E in ApplicationEvent as E['type']]?: (data: E['data'], at: At) => Change };

const waiting = (status: string, { at }: At): Change => ({ status, waiting_since: at });
const ended = (status: string, at: At, reason: string | null = null): Change => ({
  ...waiting(status, at),
  reason,
  link_id: null,
  link_expires_at: null,
  review_due_at: null,
});

const handlers: Handlers = {
  'applications.RegistrationAbandoned': (_, at) => ended('Abandoned', at),
  'applications.ApplicationRegistered': (data, at) => ({
    ...waiting('AwaitingApplicantLink', at),
    applicant_type: data.applicantType,
    company_code: data.companyCode,
    ticket_id: data.ticketId,
    term_years: data.termYears,
    applicant_mail: data.applicantMail,
    registered_at: at.at,
  }),
  'applications.ApplicationLinkIssued': ({ linkId, expiresAt }) => ({ link_id: linkId, link_expires_at: expiresAt }),
  'applications.ApplicationLinkOpened': (_, at) => waiting('EnteringDetails', at),
  'applications.IdentityDocumentUploaded': (data) => ({
    document_id: data.documentId,
    document_name: data.fileName,
    document_type: data.mediaType,
    document_bytes: data.sizeBytes,
    document_sha256: data.sha256,
  }),
  'applications.IdentityDocumentDeleted': () => ({ document_id: null, document_name: null }),
  'applications.IssuanceApplicationSubmitted': (
    { applicationId: _, documentId: __, holderTenant, ...details },
    at,
  ) => ({
    ...waiting('HolderInSession', at),
    holder_tenant: holderTenant,
    holder_user_id: details.holderUserId,
    holder_name: `${details.familyName} ${details.givenName}`,
    holder_mail: details.holderMail,
    details: JSON.stringify(details),
  }),
  // Only an agent's application asks the holder by mail; in person the status stays what the submission made it.
  'applications.HolderApprovalRequested': (_, at) => waiting('AwaitingHolderApproval', at),
  'applications.HolderLinkIssued': ({ linkId, expiresAt }) => ({ link_id: linkId, link_expires_at: expiresAt }),
  'applications.ApplicationExpired': (_, at) => ended('Expired', at),
  'applications.IssuanceApplicationApprovedByHolder': ({ reviewDueAt }, at) => ({
    ...waiting('UnderReview', at),
    link_id: null,
    link_expires_at: null,
    review_due_at: reviewDueAt,
  }),
  'applications.IssuanceApplicationRejectedByHolder': ({ reason }, at) => ended('RejectedByHolder', at, reason),
  'applications.ApplicationReviewStarted': (_, { at }) => ({ review_started_at: at }),
  'applications.ReviewOverdue': ({ dueAt }) => ({ overdue_since: dueAt }),
  'applications.IdentityVerified': (_, { at, actor }) => ({ verifier: actor, verified_at: at }),
  'applications.IssuanceOrdered': (_, { at }) => ({ issuance_ordered_at: at }),
  'applications.IssuanceFailed': () => ({ issuance_ordered_at: null }),
  'applications.ApplicationReturned': ({ reason }, at) => ended('Returned', at, reason),
  'applications.CertificateIssued': ({ certificateId, serial, notBefore, notAfter }, at) => ({
    ...waiting('Issued', at),
    review_due_at: null,
    certificate_id: certificateId,
    serial,
    not_before: notBefore,
    not_after: notAfter,
  }),
  'applications.CertificateActivated': (_, at) => waiting('Active', at),
  'applications.CertificateRevoked': (_, at) => waiting('Revoked', at),
};

const seen = async (
  { documentId: document_id, viewerId: viewer_id }: MessageOf<typeof identityDocumentViewed>['data'],
  rows: Rows,
): Promise<void> => {
  if (viewer_id === null) return;
  const { db, raw } = applicationsOf(rows);
  const table = db.insertInto(raw('application_documents_seen'));
  await table
    .values({ document_id, viewer_id })
    .onConflict((c) => c.doNothing())
    .execute();
};

const apply = async ({ metadata, ...event }: Recorded<ApplicationEvent>, rows: Rows): Promise<void> => {
  const { type, data } = event as ApplicationEvent;
  const { db, raw } = applicationsOf(rows);
  const at = { at: metadata.occurredAt, actor: metadata.actor.name };
  const begun = {
    ...nothingKnown,
    application_id: data.applicationId,
    status: 'DutiesAgreed',
    waiting_since: at.at,
    updated_at: at.at,
  };
  // An application may be abandoned before anybody agreed to anything: whatever comes first makes the row.
  await db
    .insertInto(raw('applications'))
    .values(begun)
    .onConflict((c) => c.doNothing())
    .execute();
  const handle = handlers[type] as ((data: unknown, at: At) => Change) | undefined;
  const change = { ...handle?.(data, at), updated_at: at.at };
  await db.updateTable(raw('applications')).set(change).where('application_id', '=', data.applicationId).execute();
  if (type === 'applications.IdentityDocumentViewed') await seen(data, rows);
  if (type !== 'applications.ApplicationLinkSent' && type !== 'applications.HolderLinkSent') return;
  // News of a mail that carried a link which is not waited for any more.
  const sent = db.updateTable(raw('applications')).set({ link_expires_at: data.expiresAt });
  await sent.where('application_id', '=', data.applicationId).where('link_id', '=', data.linkId).execute();
};

export const applications: ProjectionDefinition = {
  name: 'applications',
  version: 3,
  typePrefixes: ['applications.'],
  ...applicationTables,
  apply: (event, rows) => apply(event as unknown as Recorded<ApplicationEvent>, rows),
};
