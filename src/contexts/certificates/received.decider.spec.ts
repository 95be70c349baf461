import { describe, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { type Actor, ANONYMOUS, SYSTEM } from '../../kernel/actor.js';
import * as m from './messages.js';
import { receivedDecider } from './received.decider.js';

const STAFF: Actor = { kind: 'backOffice', id: 's1', name: 'lra.staff' };
const { given } = specify(receivedDecider, STAFF);
const requestId = 'r1';
const written = {
  requestId,
  named: 'A100O101',
  cause: 'stolen',
  statement: 'PC stolen',
  mail: 'a@example.com',
} as const;
const receive = m.receiveRevocationRequest(written);
const received = m.revocationRequestReceived({ ...written, dueAt: '2026-07-13T15:00:00.000Z' });
const match = (certificateId: string) => m.matchRevocationRequest({ requestId, certificateId });
const matched = m.revocationRequestMatched({ requestId, certificateId: 'c1' });
const aside = (note: string) => m.setRevocationRequestAside({ requestId, note });
const setAside = m.revocationRequestSetAside({ requestId, note: 'nobody is called so' });
const asked = { now: '2026-07-10T00:00:00.000Z', by: ANONYMOUS };

describe('what somebody writes who wants a certificate revoked', () => {
  it('EC-61 is kept whatever it names, once, and due by the end of the next business day', () => {
    given().when(receive, asked).then(received);
    given(received).when(receive, asked).thenNothing();
    given()
      .when(receive, { ...asked, days: { holidays: ['2026-07-13'] } })
      .then(m.revocationRequestReceived({ ...received.data, dueAt: '2026-07-14T15:00:00.000Z' }));
  });

  it('EC-61 may be told in several lines', () => {
    const statement = 'The PC was stolen.\nThe police know of it.';
    given()
      .when(m.receiveRevocationRequest({ ...written, statement }), asked)
      .then(m.revocationRequestReceived({ ...received.data, statement }));
    for (const wrong of ['', ' ', 'x'.repeat(501), 'a\u0007'])
      given()
        .when(m.receiveRevocationRequest({ ...written, statement: wrong }), asked)
        .thenRefused('VALIDATION_FAILED');
  });

  it('EC-61 is assigned to the certificates that are meant, by staff or by what was found at once', () => {
    given(received).when(match('c1')).then(matched);
    given(received).when(match('c1'), { by: SYSTEM }).then(matched);
    given(received, matched).when(match('c1')).thenNothing();
    given(received, matched)
      .when(match('c2'))
      .then(m.revocationRequestMatched({ requestId, certificateId: 'c2' }));
    given(received).when(match('c1'), asked).thenRefused('NOT_PERMITTED');
    given().when(match('c1')).thenRefused('NOT_FOUND');
    given(received, setAside).when(match('c1')).thenRefused('REVOCATION_REQUEST_DECIDED');
  });

  it('EC-61 is set aside with a note where it means nothing, once', () => {
    given(received).when(aside('nobody is called so')).then(setAside);
    given(received).when(aside(' ')).thenRefused('VALIDATION_FAILED');
    given(received).when(aside('no'), asked).thenRefused('NOT_PERMITTED');
    given(received, matched).when(aside('no')).thenRefused('REVOCATION_REQUEST_DECIDED');
    given(received, setAside).when(aside('no')).thenRefused('REVOCATION_REQUEST_DECIDED');
  });
});
