import { describe, expect, it } from '@jest/globals';
import { entered, HOLDER } from '../../../test/kit/application-data.js';
import { specify } from '../../../test/kit/given.js';
import { type Actor, ANONYMOUS, SYSTEM } from '../../kernel/actor.js';
import { businessCalendar } from '../../kernel/calendar.js';
import { derivedId } from '../../kernel/ids.js';
import { reviewDueFrom } from './approval.decider.js';
import { applicationDecider } from './decider.js';
import * as m from './messages.js';
import { HOLDER_LINKS_MAX } from './submission.decider.js';

const applicationId = 'app-1';
const id = { applicationId };
const staff: Actor = { kind: 'backOffice', id: 'staff-1', name: 'Sample Staff' };
const colleague: Actor = { kind: 'backOffice', id: 'staff-2', name: 'Another Staff' };
const linkId = derivedId('command-1', 'application link');
const holderLinkId = derivedId('command-1', 'holder link');
const REGISTERED_AT = '2026-07-01T01:00:00.000Z';
const DEADLINE = '2026-07-04T01:00:00.000Z';
const BEFORE = '2026-07-04T00:59:59.999Z';

const worth = { companyCode: 'EX001', ticketId: 'ticket-1', termYears: 3 };
const agent = { ...id, ...worth, applicantType: 'agent', applicantMail: 'agent@example.com' } as const;
const self = { ...agent, applicantType: 'self', applicantMail: 'holder@example.com' } as const;
const agreed = m.userDutiesAgreed({ ...id, dutiesVersion: '1' });
const linkIssued = m.applicationLinkIssued({ ...id, linkId, expiresAt: DEADLINE });
const registered = [agreed, m.applicationRegistered(agent), linkIssued];
const registeredSelf = [agreed, m.applicationRegistered(self), linkIssued];
const opened = m.applicationLinkOpened({ ...id, linkId });
const document = {
  documentId: 'doc-1',
  fileName: 'card.pdf',
  mediaType: 'application/pdf',
  sizeBytes: 9,
  sha256: 'aa',
};
const uploaded = m.identityDocumentUploaded({ ...id, ...document, checkedBy: 'none', replacedDocumentId: null });
const submittedFacts = {
  ...id,
  ...entered(),
  documentId: 'doc-1',
  holderTenant: 'A10001',
  holderAccountId: 'account-1',
};
const issuedHolderLink = (link = holderLinkId, expiresAt = DEADLINE, replacedLinkId: string | null = null) =>
  m.holderLinkIssued({ ...id, linkId: link, expiresAt, replacedLinkId });
const submitted = [
  ...registered,
  opened,
  uploaded,
  m.issuanceApplicationSubmitted(submittedFacts),
  m.applicantLinkUsed({ ...id, linkId }),
  m.holderApprovalRequested(id),
  issuedHolderLink(),
];
const inSession = [
  ...registeredSelf,
  opened,
  uploaded,
  m.issuanceApplicationSubmitted(submittedFacts),
  m.applicantLinkUsed({ ...id, linkId }),
];
const reviewDueAt = '2026-07-08T15:00:00.000Z';
const approved = [...submitted, m.issuanceApplicationApprovedByHolder({ ...id, keyId: 'key-1', reviewDueAt })];
const started = [...approved, m.applicationReviewStarted(id)];
const verified = [...started, m.identityVerified({ ...id, verifierId: staff.id })];
const ordered = [...verified, m.issuanceOrdered(id)];
const certificate = {
  certificateId: 'cert-1',
  serial: '0a',
  notBefore: '2026-07-08T03:00:00.000Z',
  notAfter: '2029-07-07T14:59:59.000Z',
};
const expired = [
  ...registered,
  m.applicationLinkExpired({ ...id, linkId, dueAt: DEADLINE }),
  m.applicationExpired({ ...id, dueAt: DEADLINE, waitingFor: 'applicant' }),
];

const { given } = specify(applicationDecider, ANONYMOUS);
const submit = (over: object = {}) =>
  m.submitIssuanceApplication({ ...id, linkId, ...entered(over), holderUser: HOLDER, applicantVendors: [] });
const approve = (over: object = {}) =>
  m.approveIssuanceApplication({
    ...id,
    linkId: holderLinkId,
    keyId: 'key-1',
    confirmed: true,
    withoutSummary: true,
    ...over,
  });
const expire = (link = linkId, deadline = DEADLINE) => m.expireLink({ ...id, linkId: link, deadline });

describe('registration', () => {
  it('needs the consent to the duties first (EC-27)', () => {
    given().when(m.registerApplication(agent)).thenRefused('DUTIES_NOT_AGREED');
    given()
      .when(m.agreeToDuties({ ...id, dutiesVersion: '1' }))
      .then(agreed);
    given(agreed)
      .when(m.agreeToDuties({ ...id, dutiesVersion: '1' }))
      .thenRefused('APPLICATION_STATE');
  });

  it('gives a link for three days (EC-33)', () =>
    given(agreed)
      .when(m.registerApplication(agent), { now: REGISTERED_AT })
      .then(m.applicationRegistered(agent), linkIssued));

  it('happens once', () =>
    given(...registered)
      .when(m.registerApplication(agent))
      .thenRefused('APPLICATION_STATE', { status: 'AwaitingApplicantLink' }));

  it('and its abandonment exclude each other, whichever comes first', () => {
    const abandon = m.abandonRegistration({ ...id, ticketId: 'ticket-1' });
    const abandoned = m.registrationAbandoned({ ...id, ticketId: 'ticket-1' });
    given(agreed).when(abandon).then(abandoned);
    given().when(abandon).then(abandoned);
    given(agreed, abandoned).when(m.registerApplication(agent)).thenRefused('APPLICATION_STATE');
    given(agreed, abandoned).when(abandon).thenNothing();
    given(...registered)
      .when(abandon)
      .thenNothing();
  });
});

describe('the deadline of a link (EC-35, EC-36, EC-49)', () => {
  const sent = m.applicationLinkSent({
    ...id,
    linkId,
    sentAt: '2026-07-01T01:00:05.000Z',
    expiresAt: '2026-07-04T01:00:05.000Z',
  });

  it('runs from the first sending', () => {
    const send = m.recordLinkSent({ ...id, linkId, sentAt: '2026-07-01T01:00:05.000Z' });
    given(...registered)
      .when(send)
      .then(sent);
    given(...registered, sent)
      .when(m.recordLinkSent({ ...id, linkId, sentAt: '2026-07-02T00:00:00.000Z' }))
      .thenNothing();
    given(...registered, sent)
      .when(expire(), { now: DEADLINE })
      .thenNothing();
  });

  it('does not run for a link that was replaced, used or over before its mail left', () => {
    const late = { sentAt: '2026-07-01T02:00:00.000Z' };
    const second = derivedId('command-2', 'holder link');
    const replaced = [...submitted, issuedHolderLink(second, DEADLINE, holderLinkId)];
    const rejected = m.issuanceApplicationRejectedByHolder({ ...id, reason: 'no' });
    for (const [history, link] of [
      [replaced, holderLinkId],
      [submitted, linkId],
      [approved, holderLinkId],
      [[...submitted, rejected], holderLinkId],
      [expired, linkId],
    ] as const)
      given(...history)
        .when(m.recordLinkSent({ ...id, linkId: link, ...late }), { by: SYSTEM })
        .thenNothing();
    const expiresAt = '2026-07-04T02:00:00.000Z';
    given(...replaced)
      .when(m.recordLinkSent({ ...id, linkId: second, ...late }), { by: SYSTEM })
      .then(m.holderLinkSent({ ...id, linkId: second, ...late, expiresAt }));
    given(...inSession)
      .when(m.recordLinkSent({ ...id, linkId, ...late }), { by: SYSTEM })
      .then(m.applicationLinkSent({ ...id, linkId, ...late, expiresAt }));
  });

  it.each([
    ['a millisecond before', BEFORE, true],
    ['at the moment', DEADLINE, false],
  ])('%s: the link opens, the form is accepted: %s', (_, now, accepted) => {
    const open = given(...registered).when(m.openApplicationLink({ ...id, linkId }), { now });
    const form = given(...registered, opened, uploaded).when(submit(), { now });
    const approval = given(...submitted).when(approve(), { now });
    const session = given(...inSession).when(approve({ linkId }), { now });
    const resend = given(...submitted).when(m.requestHolderLink(id), { now });
    for (const { outcome } of [open, form, approval, session, resend]) {
      expect(outcome.refusal?.code).toBe(accepted ? undefined : 'LINK_EXPIRED');
      expect(outcome.events.length > 0).toBe(accepted);
    }
    const timer = given(...registered).when(expire(), { now });
    expect(timer.outcome.events.length).toBe(accepted ? 0 : 2);
  });

  it('ends the application that waited for the applicant, for the holder, or in session', () => {
    given(...registered)
      .when(expire(), { now: DEADLINE })
      .then(...expired.slice(-2));
    given(...submitted)
      .when(expire(holderLinkId), { now: DEADLINE })
      .then(
        m.holderLinkExpired({ ...id, linkId: holderLinkId, dueAt: DEADLINE }),
        m.applicationExpired({ ...id, dueAt: DEADLINE, waitingFor: 'holder' }),
      );
    given(...inSession)
      .when(expire(), { now: DEADLINE })
      .then(
        m.applicationLinkExpired({ ...id, linkId, dueAt: DEADLINE }),
        m.applicationExpired({ ...id, dueAt: DEADLINE, waitingFor: 'holder' }),
      );
  });

  it('says when it was due, however late the timer fires', () =>
    given(...registered)
      .when(expire(), { now: '2026-07-09T00:00:00.000Z' })
      .then(...expired.slice(-2)));

  it('does nothing to an application that went on: the stream decides', () => {
    given(...submitted)
      .when(expire(), { now: DEADLINE })
      .thenNothing();
    given(...approved)
      .when(expire(holderLinkId), { now: DEADLINE })
      .thenNothing();
    given(...expired)
      .when(expire(), { now: DEADLINE })
      .thenNothing();
  });

  it('refuses everything after the end', () => {
    given(...expired)
      .when(submit(), { now: BEFORE })
      .thenRefused('LINK_EXPIRED');
    given(...expired)
      .when(m.openApplicationLink({ ...id, linkId }), { now: BEFORE })
      .thenRefused('LINK_EXPIRED');
  });
});

describe('submission (EC-46, EC-47, EC-60)', () => {
  const now = '2026-07-02T00:00:00.000Z';
  const deadline = '2026-07-05T00:00:00.000Z';

  it('by an agent asks the holder', () =>
    given(...registered, opened, uploaded)
      .when(submit(), { now })
      .then(
        m.issuanceApplicationSubmitted(submittedFacts),
        m.applicantLinkUsed({ ...id, linkId }),
        m.holderApprovalRequested(id),
        issuedHolderLink(holderLinkId, deadline),
      ));

  it('in person goes on in the same session', () =>
    given(...registeredSelf, opened, uploaded)
      .when(submit(), { now })
      .then(m.issuanceApplicationSubmitted(submittedFacts), m.applicantLinkUsed({ ...id, linkId })));

  it('is refused without a document, with a broken rule, with somebody who may not be holder', () => {
    given(...registered, opened)
      .when(submit(), { now })
      .thenRefused('IDENTITY_DOCUMENT_MISSING');
    given(...registered, opened, uploaded)
      .when(submit({ givenNameKana: '' }), { now })
      .thenRefused('VALIDATION_FAILED');
    given(...registered, opened, uploaded)
      .when(m.submitIssuanceApplication({ ...submit().data, holderUser: null }), { now })
      .thenRefused('USER_ID_NOT_FOUND');
  });

  it('happens once, and nothing can be changed after it', () => {
    const upload = m.attachIdentityDocument({ ...id, linkId, ...document, checkedBy: 'none' });
    for (const command of [submit(), upload, m.downloadApplicationSummary({ ...id, linkId })])
      given(...submitted)
        .when(command, { now })
        .thenRefused('APPLICATION_STATE', { status: 'AwaitingHolderApproval' });
    given(...submitted)
      .when(m.openApplicationLink({ ...id, linkId }), { now })
      .thenRefused('LINK_NO_LONGER_VALID');
  });

  it('a second upload takes the place of the first', () =>
    given(...registered, opened, uploaded)
      .when(m.attachIdentityDocument({ ...id, linkId, ...document, documentId: 'doc-2', checkedBy: 'none' }), { now })
      .then(
        m.identityDocumentUploaded({
          ...id,
          ...document,
          documentId: 'doc-2',
          checkedBy: 'none',
          replacedDocumentId: 'doc-1',
        }),
      ));
});

describe('a new link for the holder (decision 2)', () => {
  const now = '2026-07-03T00:00:00.000Z';

  it('has its own three days and kills the old one', () => {
    const again = issuedHolderLink(holderLinkId, '2026-07-06T00:00:00.000Z', 'link-0');
    const before = [...submitted.slice(0, -1), issuedHolderLink('link-0')];
    given(...before)
      .when(m.requestHolderLink(id), { now })
      .then(again);
    given(...before, again)
      .when(approve({ linkId: 'link-0' }), { now })
      .thenRefused('LINK_NO_LONGER_VALID');
    given(...before, again)
      .when(expire('link-0'), { now: DEADLINE })
      .thenNothing();
    given(...before, again)
      .when(approve(), { now: DEADLINE })
      .then(
        m.issuanceApplicationApprovedByHolder({
          ...id,
          keyId: 'key-1',
          reviewDueAt: reviewDueFrom(new Date(DEADLINE), businessCalendar()),
        }),
      );
  });

  it('is sent only so often', () => {
    const many = Array.from({ length: HOLDER_LINKS_MAX - 1 }, (_, n) => issuedHolderLink(`link-${n}`));
    given(...submitted, ...many)
      .when(m.requestHolderLink(id), { now })
      .thenRefused('HOLDER_LINK_LIMIT', { max: HOLDER_LINKS_MAX });
  });

  it('is refused before the submission and after the approval', () => {
    for (const history of [registered, approved, expired])
      given(...history)
        .when(m.requestHolderLink(id), { now })
        .thenRefused('APPLICATION_STATE');
  });
});

describe('the holder (EC-49 … EC-55)', () => {
  const now = '2026-07-03T01:00:00.000Z';
  const approval = m.issuanceApplicationApprovedByHolder({
    ...id,
    keyId: 'key-1',
    reviewDueAt: '2026-07-10T15:00:00.000Z',
  });

  it('is asked to save the content, then to confirm, and then approves', () => {
    const careful = { withoutSummary: false };
    given(...submitted)
      .when(approve(careful), { now })
      .thenRefused('SUMMARY_NOT_SAVED');
    const saved = [...submitted, m.holderSummaryDownloaded(id)];
    given(...saved)
      .when(approve({ ...careful, confirmed: false }), { now })
      .thenRefused('APPROVAL_TO_CONFIRM');
    given(...saved)
      .when(approve(careful), { now })
      .then(approval);
    given(...submitted)
      .when(approve(), { now })
      .then(approval);
  });

  it('approves or rejects once', () => {
    const reject = m.rejectIssuanceApplication({ ...id, linkId: holderLinkId, reason: 'not me' });
    given(...submitted)
      .when(reject, { now })
      .then(m.issuanceApplicationRejectedByHolder({ ...id, reason: 'not me' }));
    for (const command of [approve(), reject])
      given(...approved)
        .when(command, { now })
        .thenRefused('APPLICATION_STATE', { status: 'UnderReview' });
    given(...submitted)
      .when({ ...reject, data: { ...reject.data, reason: ' ' } }, { now })
      .thenRefused('VALIDATION_FAILED');
  });

  it("is not proved by the agent's link", () => {
    for (const command of [approve({ linkId }), m.downloadHolderSummary({ ...id, linkId })])
      given(...submitted)
        .when(command, { now })
        .thenRefused('NOT_FOUND');
    given(...inSession)
      .when(approve({ linkId }), { now })
      .then(approval);
  });

  it.each([
    ['a Friday', '2026-07-03T01:00:00.000Z', '2026-07-10T15:00:00.000Z'],
    // 2026-04-29 and 05-03 … 05-06 are holidays: 30, 1, 7, 8 and 11 May are the five days.
    ['before the Golden Week', '2026-04-28T01:00:00.000Z', '2026-05-11T15:00:00.000Z'],
    ['late in the evening in Japan', '2026-07-02T14:59:59.999Z', '2026-07-09T15:00:00.000Z'],
    ['at midnight in Japan', '2026-07-02T15:00:00.000Z', '2026-07-10T15:00:00.000Z'],
  ])('on %s gives the review five business days', (_, approvedAt, due) =>
    expect(reviewDueFrom(new Date(approvedAt), businessCalendar())).toBe(due),
  );
});

describe('the review (EC-56, EC-57)', () => {
  const by = staff;
  const order = (secondPersonRequired = false) => m.orderIssuance({ ...id, secondPersonRequired });

  it('is started, verifies the identity, orders the certificate', () => {
    given(...approved)
      .when(m.startApplicationReview(id), { by })
      .then(m.applicationReviewStarted(id));
    given(...started)
      .when(m.verifyIdentity(id), { by })
      .then(m.identityVerified({ ...id, verifierId: staff.id }));
    given(...verified)
      .when(order(), { by })
      .then(m.issuanceOrdered(id));
  });

  it('goes in this order', () => {
    given(...submitted)
      .when(m.startApplicationReview(id), { by })
      .thenRefused('APPLICATION_STATE');
    given(...approved)
      .when(m.verifyIdentity(id), { by })
      .thenRefused('APPLICATION_STATE');
    given(...started)
      .when(order(), { by })
      .thenRefused('APPLICATION_STATE');
    given(...approved)
      .when(m.returnApplication({ ...id, reason: 'blurred' }), { by })
      .thenRefused('APPLICATION_STATE');
    for (const command of [m.startApplicationReview(id), m.verifyIdentity(id)])
      given(...verified)
        .when(command, { by })
        .thenRefused('APPLICATION_STATE');
  });

  it('asks for a second person where the operator wants one', () => {
    given(...verified)
      .when(order(true), { by })
      .thenRefused('SECOND_PERSON_REQUIRED');
    given(...verified)
      .when(order(true), { by: colleague })
      .then(m.issuanceOrdered(id));
  });

  it('returns what cannot be read, until the certificate is ordered', () => {
    const back = m.returnApplication({ ...id, reason: 'The business card is blurred.' });
    given(...started)
      .when(back, { by })
      .then(m.applicationReturned(back.data));
    given(...verified)
      .when(back, { by })
      .then(m.applicationReturned(back.data));
    given(...ordered)
      .when(back, { by })
      .thenRefused('APPLICATION_STATE');
    given(...started)
      .when(m.returnApplication({ ...id, reason: '' }), { by })
      .thenRefused('VALIDATION_FAILED');
  });

  it('is for staff', () => {
    for (const command of [m.startApplicationReview(id), m.verifyIdentity(id), order(), m.viewIdentityDocument(id)])
      given(...verified)
        .when(command, { by: ANONYMOUS })
        .thenRefused('NOT_PERMITTED');
    given().when(m.startApplicationReview(id), { by }).thenRefused('NOT_FOUND');
  });

  it('flags what is overdue, once, and cancels nothing', () => {
    const flag = m.flagReviewOverdue({ ...id, deadline: reviewDueAt });
    const overdue = m.reviewOverdue({ ...id, dueAt: reviewDueAt });
    given(...approved)
      .when(flag, { now: '2026-07-08T14:59:59.999Z' })
      .thenNothing();
    given(...approved)
      .when(flag, { now: reviewDueAt })
      .then(overdue);
    given(...approved, overdue)
      .when(flag, { now: reviewDueAt })
      .thenNothing();
    given(...approved, overdue)
      .when(m.startApplicationReview(id), { by, now: reviewDueAt })
      .then(m.applicationReviewStarted(id));
  });

  it('has back what could not be issued, and may return it', () => {
    const failed = m.issuanceFailed({ ...id, cause: 'ProfileViolation' });
    const record = m.recordIssuanceFailed({ ...id, cause: 'ProfileViolation' });
    given(...ordered)
      .when(record, { by: SYSTEM })
      .then(failed);
    given(...verified)
      .when(record, { by: SYSTEM })
      .thenNothing();
    given(...ordered, failed)
      .when(order(), { by })
      .then(m.issuanceOrdered(id));
    const back = m.returnApplication({ ...id, reason: 'The name cannot be certified.' });
    given(...ordered, failed)
      .when(back, { by })
      .then(m.applicationReturned(back.data));
  });

  it('records what the register of certificates did, once', () => {
    const issued = m.certificateIssued({ ...id, ...certificate });
    const record = m.recordCertificateIssued({ ...id, ...certificate });
    given(...verified)
      .when(record, { by: SYSTEM })
      .thenRefused('APPLICATION_STATE');
    given(...ordered)
      .when(record, { by: SYSTEM })
      .then(issued);
    given(...ordered, issued)
      .when(record, { by: SYSTEM })
      .thenNothing();
    const activate = m.recordCertificateActivated({ ...id, certificateId: 'cert-1' });
    given(...ordered, issued)
      .when(activate, { by: SYSTEM })
      .then(m.certificateActivated(activate.data));
    given(...ordered)
      .when(activate, { by: SYSTEM })
      .thenNothing();
  });

  it('is over when its certificate was revoked before anybody could use it', () => {
    const issued = [...ordered, m.certificateIssued({ ...id, ...certificate })];
    const record = m.recordCertificateRevoked({ ...id, certificateId: 'cert-1' });
    const revoked = m.certificateRevoked(record.data);
    given(...issued)
      .when(record, { by: SYSTEM })
      .then(revoked);
    const active = m.certificateActivated({ ...id, certificateId: 'cert-1' });
    const another = m.recordCertificateRevoked({ ...id, certificateId: 'cert-2' });
    for (const [history, command] of [
      [[...issued, active], record],
      [[...issued, revoked], record],
      [issued, another],
      [ordered, record],
    ] as const)
      given(...history)
        .when(command, { by: SYSTEM })
        .thenNothing();
    given(...issued, revoked)
      .when(m.deleteIdentityDocument(id), { by })
      .then(m.identityDocumentDeleted({ ...id, documentId: 'doc-1' }));
    given(...issued, revoked)
      .when(m.recordCertificateActivated(record.data), { by: SYSTEM })
      .thenNothing();
  });

  it('lets go of the document when it has been decided, and not before', () => {
    const remove = m.deleteIdentityDocument(id);
    const removed = m.identityDocumentDeleted({ ...id, documentId: 'doc-1' });
    given(...started)
      .when(remove, { by })
      .thenRefused('APPLICATION_STATE');
    const issued = [...ordered, m.certificateIssued({ ...id, ...certificate })];
    given(...issued)
      .when(remove, { by })
      .then(removed);
    given(...issued, removed)
      .when(remove, { by })
      .thenRefused('NOT_FOUND');
    given(...issued, removed)
      .when(m.viewIdentityDocument(id), { by })
      .thenRefused('NOT_FOUND');
    given(...registered)
      .when(remove, { by: SYSTEM })
      .thenNothing();
  });
});

it('a mail is recorded once, however often it was sent', () => {
  const record = m.recordNoticeSent({
    ...id,
    notice: 'applicationAcceptedNoticeSent',
    notificationId: 'n-1',
    sentAt: DEADLINE,
  });
  const sent = m.sentNotices.applicationAcceptedNoticeSent({ ...id, notificationId: 'n-1' });
  given(...approved)
    .when(record, { by: SYSTEM })
    .then(sent);
  given(...approved, sent)
    .when(record, { by: SYSTEM })
    .thenNothing();
  given().when(record, { by: SYSTEM }).thenNothing();
});
