import { describe, expect, it } from '@jest/globals';
import {
  approve,
  approved,
  BEFORE,
  DEADLINE,
  expire,
  expired,
  given,
  holderLinkId,
  id,
  inSession,
  issuedHolderLink,
  linkId,
  opened,
  registered,
  submit,
  submitted,
  uploaded,
} from '../../../test/kit/application-facts.js';
import { SYSTEM } from '../../kernel/actor.js';
import { businessCalendar } from '../../kernel/calendar.js';
import { derivedId } from '../../kernel/ids.js';
import { reviewDueFrom } from './approval.decider.js';
import { HOLDER_LINKS_MAX } from './submission.decider.js';
import * as m from './messages.js';

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
