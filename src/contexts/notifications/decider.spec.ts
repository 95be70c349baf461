import { describe, it } from '@jest/globals';
import { SOMEONE, specify } from '../../../test/kit/given.js';
import type { Actor } from '../../kernel/actor.js';
import { notificationDecider } from './decider.js';
import {
  notificationFailed,
  notificationQueued,
  notificationRequeued,
  notificationSent,
  notificationUnconfirmed,
  recordNotificationFailed,
  recordNotificationSent,
  recordNotificationUnconfirmed,
  requestNotification,
  resendNotification,
} from './messages.js';

const { given } = specify(notificationDecider);
const STAFF: Actor = { kind: 'backOffice', id: 'staff-1', name: 'back.office' };

const named = { notificationId: 'n-1', processId: 'p-1', kind: 'samples.link', service: 'samples' };
const asked = { ...named, tenant: 'C0001', recipient: 'aoi@example.com', facts: { linkId: 'l-1' } };
const request = requestNotification(asked);
const queued = notificationQueued({ ...asked, round: 1, deadline: '2026-07-02T00:00:00.000Z' });
const acceptance = { sentAt: '2026-07-01T00:00:01.000Z', messageId: '<n-1.1@example.com>' };
const recordSent = recordNotificationSent({ notificationId: 'n-1', round: 1, ...acceptance });
const sent = notificationSent({ ...named, round: 1, ...acceptance });
const loss = { cause: 'expired', reason: 'ECONNREFUSED' } as const;
const recordFailed = recordNotificationFailed({ notificationId: 'n-1', round: 1, ...loss });
const failed = notificationFailed({ ...named, round: 1, ...loss });
const doubt = { ...loss, triedAt: '2026-07-01T00:00:01.000Z', messageId: '<n-1.1@example.com>' };
const recordUnconfirmed = recordNotificationUnconfirmed({ notificationId: 'n-1', round: 1, ...doubt });
const unconfirmed = notificationUnconfirmed({ ...named, round: 1, ...doubt });
const requeued = (round: number) => notificationRequeued({ ...named, round, deadline: '2026-07-03T12:00:00.000Z' });
const noon = { now: '2026-07-02T12:00:00.000Z', by: STAFF };

describe('a notification', () => {
  it('is queued for a day', () => given().when(request).then(queued));
  it('is queued once, however often it is asked for', () => given(queued).when(request).thenNothing());
  it('is not sent again because it is asked for again', () => given(queued, sent).when(request).thenNothing());

  it('is sent', () => given(queued).when(recordSent).then(sent));
  it('fails', () => given(queued).when(recordFailed).then(failed));
  it('is left unconfirmed', () => given(queued).when(recordUnconfirmed).then(unconfirmed));
  it('that is left unconfirmed stays so', () => {
    given(queued, unconfirmed).when(recordUnconfirmed).thenNothing();
    given(queued, unconfirmed).when(recordFailed).thenNothing();
    given(queued, sent).when(recordUnconfirmed).thenNothing();
  });
  it('is sent once', () => given(queued, sent).when(recordSent).thenNothing());
  it('does not fail after it was sent', () => given(queued, sent).when(recordFailed).thenNothing());
  it('that nobody asked for is not sent', () => given().when(recordSent).thenRefused('NOT_FOUND'));
});

describe('a resend', () => {
  const resend = resendNotification({ notificationId: 'n-1', keptDays: 30 });
  it('after a failure is a round of its own, with a day of its own', () =>
    given(queued, failed).when(resend, noon).then(requeued(2)));
  it('after a doubt, too', () => given(queued, unconfirmed).when(resend, noon).then(requeued(2)));
  it('after a success, too: people lose mails', () => given(queued, sent).when(resend, noon).then(requeued(2)));
  it('counts on', () =>
    given(queued, failed, requeued(2), notificationSent({ ...sent.data, round: 2 }))
      .when(resend, noon)
      .then(requeued(3)));
  it('while the mail is under way is refused', () =>
    given(queued).when(resend, { by: STAFF }).thenRefused('NOTIFICATION_UNDER_WAY'));
  it('is refused until a quarter of an hour past the deadline, when nobody can report of the round any more', () => {
    given(queued).when(resend, { now: '2026-07-02T00:14:59.999Z', by: STAFF }).thenRefused('NOTIFICATION_UNDER_WAY');
    const deadline = '2026-07-03T00:15:00.000Z';
    given(queued)
      .when(resend, { now: '2026-07-02T00:15:00.000Z', by: STAFF })
      .then(notificationRequeued({ ...named, round: 2, deadline }));
  });
  it('is refused from the day on that the mail is no longer kept', () => {
    given(queued, sent)
      .when(resend, { now: '2026-07-31T23:59:59.999Z', by: STAFF })
      .then(notificationRequeued({ ...named, round: 2, deadline: '2026-08-01T23:59:59.999Z' }));
    for (const outcome of [sent, failed, unconfirmed])
      given(queued, outcome)
        .when(resend, { now: '2026-08-01T00:00:00.000Z', by: STAFF })
        .thenRefused('NOTIFICATION_TOO_OLD');
  });
  it('of nothing is refused', () => given().when(resend, noon).thenRefused('NOT_FOUND'));
  it('is the back office’s alone', () =>
    given(queued, failed).when(resend, { by: SOMEONE }).thenRefused('NOT_PERMITTED'));
  it('is not ended by late news of the round before', () => {
    given(queued, failed, requeued(2)).when(recordSent).thenNothing();
    given(queued, failed, requeued(2)).when(recordFailed).thenNothing();
  });
});
