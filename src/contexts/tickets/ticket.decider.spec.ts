import { describe, expect, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import * as m from './messages.js';
import { ticketDecider } from './ticket.decider.js';

const ticketId = 'ticket-1';
const worth = { companyCode: 'EX001', termYears: 3 };
const issued = m.ticketIssued({ ticketId, ...worth, orderId: null });
const reserved = (applicationId = 'app-a') => m.ticketReserved({ ticketId, applicationId, ...worth });
const released = m.ticketReleased({ ticketId, applicationId: 'app-a', reason: 'expired' });
const consumed = m.ticketConsumed({ ticketId, applicationId: 'app-a' });
const reserve = (applicationId = 'app-a', companyCode = 'EX001') =>
  m.reserveTicket({ ticketId, applicationId, companyCode });
const release = (applicationId = 'app-a') => m.releaseTicket({ ticketId, applicationId, reason: 'expired' });
const consume = (applicationId = 'app-a') => m.consumeTicket({ ticketId, applicationId });

const { given } = specify(ticketDecider);

describe('a ticket (EC-25)', () => {
  it('is issued once', () => {
    given()
      .when(m.issueTicket({ ticketId, ...worth, orderId: null }))
      .then(issued);
    given(issued)
      .when(m.issueTicket({ ticketId, ...worth, orderId: null }))
      .thenNothing();
  });

  it('is reserved by one application at a time', () => {
    given(issued).when(reserve()).then(reserved());
    given(issued, reserved()).when(reserve()).thenNothing();
    given(issued, reserved()).when(reserve('app-b')).thenRefused('TICKET_NOT_USABLE');
  });

  it('comes back when its application ends, and only then', () => {
    given(issued, reserved()).when(release()).then(released);
    given(issued, reserved(), released).when(reserve('app-b')).then(reserved('app-b'));
    given(issued, reserved(), released, reserved('app-b')).when(release()).thenNothing();
    given(issued).when(release()).thenNothing();
  });

  it('is spent on issuance and never comes back', () => {
    given(issued, reserved()).when(consume()).then(consumed);
    given(issued, reserved(), consumed).when(consume()).thenNothing();
    given(issued, reserved(), consumed).when(release()).thenNothing();
    given(issued, reserved(), consumed).when(reserve('app-b')).thenRefused('TICKET_NOT_USABLE');
    given(issued, reserved(), consumed).when(reserve()).thenRefused('TICKET_NOT_USABLE');
    given(issued).when(consume()).thenRefused('TICKET_NOT_USABLE');
    given(issued, reserved('app-b')).when(consume()).thenRefused('TICKET_NOT_USABLE');
  });

  it('gives used, invented and foreign tickets one refusal (EC-31)', () => {
    const answers = [
      given(issued, reserved(), consumed).when(reserve('app-b')),
      given().when(reserve()),
      given(issued).when(reserve('app-a', 'EX002')),
    ].map(({ outcome }) => outcome);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]!.refusal?.code).toBe('TICKET_NOT_USABLE');
  });
});
