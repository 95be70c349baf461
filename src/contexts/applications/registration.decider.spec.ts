import { describe, it } from '@jest/globals';
import {
  agent,
  agreed,
  given,
  id,
  linkIssued,
  registered,
  REGISTERED_AT,
} from '../../../test/kit/application-facts.js';
import * as m from './messages.js';

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
