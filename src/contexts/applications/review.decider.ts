import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal, type Refusal } from '../../kernel/refusal.js';
import { wrongState } from './links.decider.js';
import * as m from './messages.js';
import { type Application, ENDED } from './state.js';

type Decision = Outcome<m.ApplicationEvent>;

const REASON = { kind: 'prose', policy: { min: 1, max: 500 } } as const;

const staffFault = (application: Application, { actor }: Moment): Refusal | null => {
  if (actor.kind !== 'backOffice') return refusal('NOT_PERMITTED', { permission: 'back office' });
  return application.status === 'None' ? refusal('NOT_FOUND') : null;
};

/** Under review and nobody has ordered the certificate yet: from then on there is no way back. */
const reviewFault = (application: Application, moment: Moment): Refusal | null => {
  const fault = staffFault(application, moment);
  if (fault) return fault;
  return application.status === 'UnderReview' && !application.issuanceOrdered ? null : wrongState(application);
};

export const decideReviewStart = (
  { data }: MessageOf<typeof m.startApplicationReview>,
  application: Application,
  moment: Moment,
): Decision => {
  const fault = reviewFault(application, moment);
  if (fault) return refuse(fault);
  return application.reviewStarted ? refuse(wrongState(application)) : accept(m.applicationReviewStarted(data));
};

export const decideVerification = (
  { data }: MessageOf<typeof m.verifyIdentity>,
  application: Application,
  moment: Moment,
): Decision => {
  const fault = reviewFault(application, moment);
  if (fault) return refuse(fault);
  if (!application.reviewStarted || application.verifierId !== null) return refuse(wrongState(application));
  // Nobody checks against the data what they have not seen; that a colleague has does not count.
  if (!application.documentViewers.includes(moment.actor.id)) return refuse(refusal('IDENTITY_DOCUMENT_NOT_SEEN'));
  return accept(m.identityVerified({ ...data, verifierId: moment.actor.id }));
};

export const decideIssuance = (
  { data }: MessageOf<typeof m.orderIssuance>,
  application: Application,
  moment: Moment,
): Decision => {
  const fault = reviewFault(application, moment);
  if (fault) return refuse(fault);
  if (application.verifierId === null) return refuse(wrongState(application));
  if (data.secondPersonRequired && moment.actor.id === application.verifierId)
    return refuse(refusal('SECOND_PERSON_REQUIRED'));
  return accept(m.issuanceOrdered({ applicationId: data.applicationId }));
};

export const decideReturn = (
  { data }: MessageOf<typeof m.returnApplication>,
  application: Application,
  moment: Moment,
): Decision => {
  const fault = reviewFault(application, moment);
  if (fault) return refuse(fault);
  if (!application.reviewStarted) return refuse(wrongState(application));
  const faults = validate('reason', data.reason, REASON);
  return faults.length > 0 ? refuse(invalid(faults)) : accept(m.applicationReturned(data));
};

export const decideDocumentView = (
  { data }: MessageOf<typeof m.viewIdentityDocument>,
  application: Application,
  moment: Moment,
): Decision => {
  const fault = staffFault(application, moment);
  if (fault) return refuse(fault);
  if (application.document?.documentId !== data.documentId) return refuse(refusal('NOT_FOUND'));
  return accept(m.identityDocumentViewed({ ...data, viewerId: moment.actor.id }));
};

/** When nobody needs it any more; the event keeps that there was one, and its digest. */
export const decideDocumentDeletion = (
  { data }: MessageOf<typeof m.deleteIdentityDocument>,
  application: Application,
  moment: Moment,
): Decision => {
  const fault = moment.actor.kind === 'system' ? null : staffFault(application, moment);
  if (fault) return refuse(fault);
  if (!application.document) return moment.actor.kind === 'system' ? accept() : refuse(refusal('NOT_FOUND'));
  const decided = application.status === 'Issued' || ENDED.includes(application.status);
  if (!decided) return refuse(wrongState(application));
  return accept(m.identityDocumentDeleted({ ...data, documentId: application.document.documentId }));
};

export const decideOverdue = (
  { data: { applicationId, deadline } }: MessageOf<typeof m.flagReviewOverdue>,
  { status, reviewDueAt, reviewOverdue }: Application,
  { now }: Moment,
): Decision => {
  const due = status === 'UnderReview' && reviewDueAt === deadline && now.toISOString() >= deadline;
  return due && !reviewOverdue ? accept(m.reviewOverdue({ applicationId, dueAt: deadline })) : accept();
};

export const decideIssuanceFailure = (
  { data }: MessageOf<typeof m.recordIssuanceFailed>,
  { status, issuanceOrdered }: Application,
): Decision => (status === 'UnderReview' && issuanceOrdered ? accept(m.issuanceFailed(data)) : accept());

/** What the register of certificates did on the order of the review. */
export const decideIssued = (
  { data }: MessageOf<typeof m.recordCertificateIssued>,
  application: Application,
): Decision => {
  if (application.certificateId !== null) return accept();
  return application.status === 'UnderReview' && application.issuanceOrdered
    ? accept(m.certificateIssued(data))
    : refuse(wrongState(application));
};

export const decideActivated = (
  { data }: MessageOf<typeof m.recordCertificateActivated>,
  application: Application,
): Decision =>
  application.status === 'Issued' && application.certificateId === data.certificateId
    ? accept(m.certificateActivated(data))
    : accept();

/** One that was in use says itself what became of it; its application was over. */
export const decideRevoked = (
  { data }: MessageOf<typeof m.recordCertificateRevoked>,
  application: Application,
): Decision =>
  application.status === 'Issued' && application.certificateId === data.certificateId
    ? accept(m.certificateRevoked(data))
    : accept();

/** A mail is recorded once, however often it was sent. */
export const decideNotice = (
  { data: { applicationId, notice, notificationId, sentAt } }: MessageOf<typeof m.recordNoticeSent>,
  application: Application,
): Decision => {
  if (application.status === 'None' || application.noticesSent.includes(notificationId)) return accept();
  if (notice === 'issuanceCompletedNoticeSent')
    return accept(m.sentNotices.issuanceCompletedNoticeSent({ applicationId, notificationId, sentAt }));
  return accept(m.sentNotices[notice]({ applicationId, notificationId }));
};
