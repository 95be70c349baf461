import { describe, expect, it } from '@jest/globals';
import {
  approve,
  approved,
  given,
  holderLinkId,
  id,
  inSession,
  linkId,
  submitted,
} from '../../../test/kit/application-facts.js';
import { businessCalendar } from '../../kernel/calendar.js';
import { reviewDueFrom } from './approval.decider.js';
import * as m from './messages.js';

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
