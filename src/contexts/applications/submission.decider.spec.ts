import { describe, it } from '@jest/globals';
import {
  document,
  given,
  holderLinkId,
  id,
  issuedHolderLink,
  linkId,
  opened,
  registered,
  registeredSelf,
  submit,
  submitted,
  submittedFacts,
  uploaded,
} from '../../../test/kit/application-facts.js';
import * as m from './messages.js';

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
