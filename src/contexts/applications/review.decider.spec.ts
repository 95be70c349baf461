import { describe, it } from '@jest/globals';
import {
  approved,
  certificate,
  colleague,
  DEADLINE,
  document,
  given,
  id,
  ordered,
  registered,
  reviewDueAt,
  seen,
  staff,
  started,
  submitted,
  verified,
} from '../../../test/kit/application-facts.js';
import { ANONYMOUS, SYSTEM } from '../../kernel/actor.js';
import * as m from './messages.js';

describe('the review (EC-56, EC-57)', () => {
  const by = staff;
  const view = m.viewIdentityDocument({ ...id, documentId: 'doc-1' });
  const order = (secondPersonRequired = false) => m.orderIssuance({ ...id, secondPersonRequired });

  it('is started, verifies the identity, orders the certificate', () => {
    given(...approved)
      .when(m.startApplicationReview(id), { by })
      .then(m.applicationReviewStarted(id));
    given(...seen)
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

  it('lets nobody verify an identity whose paper they have not seen themselves', () => {
    const viewed = (viewerId: string | null, documentId = 'doc-1') =>
      m.identityDocumentViewed({ ...id, documentId, viewerId });
    given(...started)
      .when(view, { by })
      .then(viewed(staff.id));
    given(...started)
      .when(m.viewIdentityDocument({ ...id, documentId: 'doc-2' }), { by })
      .thenRefused('NOT_FOUND');
    for (const history of [[], [viewed(colleague.id)], [viewed(null)], [viewed(staff.id, 'doc-0')]])
      given(...started, ...history)
        .when(m.verifyIdentity(id), { by })
        .thenRefused('IDENTITY_DOCUMENT_NOT_SEEN');
    // Before the review began is early enough.
    given(...approved, viewed(staff.id), m.applicationReviewStarted(id))
      .when(m.verifyIdentity(id), { by })
      .then(m.identityVerified({ ...id, verifierId: staff.id }));
  });

  it('forgets who saw a paper that was replaced', () => {
    const replaced = m.identityDocumentUploaded({
      ...{ ...id, ...document, documentId: 'doc-2', checkedBy: 'none', replacedDocumentId: 'doc-1' },
    });
    given(...seen, replaced)
      .when(m.verifyIdentity(id), { by })
      .thenRefused('IDENTITY_DOCUMENT_NOT_SEEN');
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
    for (const command of [m.startApplicationReview(id), m.verifyIdentity(id), order(), view])
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
      .when(view, { by })
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
