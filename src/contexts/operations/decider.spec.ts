import { describe, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { operationsDecider } from './decider.js';
import * as m from './messages.js';

const { given } = specify(operationsDecider, { kind: 'backOffice', id: 's1', name: 'back.office' });
const parked = {
  parkedId: 'p1',
  follower: 'notifications',
  eventId: 'e1',
  eventType: 'probe.Done',
  eventStream: 'probe-1',
};
const dismiss = (reason: string) => m.dismissParkedEvent({ ...parked, reason });

describe('a parked event', () => {
  it('is tried again as often as somebody asks', () =>
    given(m.parkedEventReplayRequested(parked))
      .when(m.replayParkedEvent(parked))
      .then(m.parkedEventReplayRequested(parked)));

  it('is dismissed with a reason, which has bounds', () => {
    for (const reason of ['x', 'x'.repeat(500)])
      given()
        .when(dismiss(reason))
        .then(m.parkedEventDismissed({ ...parked, reason }));
    for (const reason of [' ', 'x'.repeat(501)]) given().when(dismiss(reason)).thenRefused('VALIDATION_FAILED');
  });

  it('is nobody else’s business', () => {
    for (const kind of ['user', 'auditor', 'system', 'program'] as const)
      given()
        .when(m.replayParkedEvent(parked), { by: { kind, id: 'x', name: 'x' } })
        .thenRefused('NOT_PERMITTED');
  });
});
