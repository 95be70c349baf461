import { type Actor, ANONYMOUS } from '../../src/kernel/actor.js';
import { derivedId } from '../../src/kernel/ids.js';
import { applicationDecider } from '../../src/contexts/applications/decider.js';
import * as m from '../../src/contexts/applications/messages.js';
import { entered, HOLDER } from './application-data.js';
import { specify } from './given.js';

/** What has been recorded of one application at each stage of its way, for the specs of what may be decided there. */
const applicationId = 'app-1';
export const id = { applicationId };
export const staff: Actor = { kind: 'backOffice', id: 'staff-1', name: 'Sample Staff' };
export const colleague: Actor = { kind: 'backOffice', id: 'staff-2', name: 'Another Staff' };
export const linkId = derivedId('command-1', 'application link');
export const holderLinkId = derivedId('command-1', 'holder link');
export const REGISTERED_AT = '2026-07-01T01:00:00.000Z';
export const DEADLINE = '2026-07-04T01:00:00.000Z';
export const BEFORE = '2026-07-04T00:59:59.999Z';

const worth = { companyCode: 'EX001', ticketId: 'ticket-1', termYears: 3 };
export const agent = { ...id, ...worth, applicantType: 'agent', applicantMail: 'agent@example.com' } as const;
const self = { ...agent, applicantType: 'self', applicantMail: 'holder@example.com' } as const;
export const agreed = m.userDutiesAgreed({ ...id, dutiesVersion: '1' });
export const linkIssued = m.applicationLinkIssued({ ...id, linkId, expiresAt: DEADLINE });
export const registered = [agreed, m.applicationRegistered(agent), linkIssued];
export const registeredSelf = [agreed, m.applicationRegistered(self), linkIssued];
export const opened = m.applicationLinkOpened({ ...id, linkId });
export const document = {
  documentId: 'doc-1',
  fileName: 'card.pdf',
  mediaType: 'application/pdf',
  sizeBytes: 9,
  sha256: 'aa',
};
export const uploaded = m.identityDocumentUploaded({ ...id, ...document, checkedBy: 'none', replacedDocumentId: null });
export const submittedFacts = {
  ...id,
  ...entered(),
  documentId: 'doc-1',
  holderTenant: 'A10001',
  holderAccountId: 'account-1',
};
export const issuedHolderLink = (link = holderLinkId, expiresAt = DEADLINE, replacedLinkId: string | null = null) =>
  m.holderLinkIssued({ ...id, linkId: link, expiresAt, replacedLinkId });
export const submitted = [
  ...registered,
  opened,
  uploaded,
  m.issuanceApplicationSubmitted(submittedFacts),
  m.applicantLinkUsed({ ...id, linkId }),
  m.holderApprovalRequested(id),
  issuedHolderLink(),
];
export const inSession = [
  ...registeredSelf,
  opened,
  uploaded,
  m.issuanceApplicationSubmitted(submittedFacts),
  m.applicantLinkUsed({ ...id, linkId }),
];
export const reviewDueAt = '2026-07-08T15:00:00.000Z';
export const approved = [...submitted, m.issuanceApplicationApprovedByHolder({ ...id, keyId: 'key-1', reviewDueAt })];
export const started = [...approved, m.applicationReviewStarted(id)];
export const seen = [...started, m.identityDocumentViewed({ ...id, documentId: 'doc-1', viewerId: staff.id })];
export const verified = [...seen, m.identityVerified({ ...id, verifierId: staff.id })];
export const ordered = [...verified, m.issuanceOrdered(id)];
export const certificate = {
  certificateId: 'cert-1',
  serial: '0a',
  notBefore: '2026-07-08T03:00:00.000Z',
  notAfter: '2029-07-07T14:59:59.000Z',
};
export const expired = [
  ...registered,
  m.applicationLinkExpired({ ...id, linkId, dueAt: DEADLINE }),
  m.applicationExpired({ ...id, dueAt: DEADLINE, waitingFor: 'applicant' }),
];

export const { given } = specify(applicationDecider, ANONYMOUS);
export const submit = (over: object = {}) =>
  m.submitIssuanceApplication({ ...id, linkId, ...entered(over), holderUser: HOLDER, applicantVendors: [] });
export const approve = (over: object = {}) =>
  m.approveIssuanceApplication({
    ...id,
    linkId: holderLinkId,
    keyId: 'key-1',
    confirmed: true,
    withoutSummary: true,
    ...over,
  });
export const expire = (link = linkId, deadline = DEADLINE) => m.expireLink({ ...id, linkId: link, deadline });
