import { accept, type Decider, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import { refusal } from '../../kernel/refusal.js';
import {
  type TicketCommand,
  ticketConsumed,
  type TicketEvent,
  ticketEvents,
  ticketIssued,
  ticketReleased,
  ticketReserved,
  ticketStream,
} from './messages.js';

type Worth = Readonly<{ companyCode: string; termYears: number }>;
export type Ticket =
  | null
  | (Worth & Readonly<{ status: 'unused' }>)
  | (Worth & Readonly<{ status: 'reserved' | 'consumed'; applicationId: string }>);

/** One answer for every reason: whoever tries numbers learns nothing of those that exist (EC-31). */
const notUsable = () => refuse<TicketEvent>(refusal('TICKET_NOT_USABLE'));

const decide = (command: TicketCommand, ticket: Ticket): Outcome<TicketEvent> => {
  const { type, data } = command;
  if (type === 'tickets.IssueTicket') return ticket === null ? accept(ticketIssued(data)) : accept();
  if (ticket === null) return notUsable();
  const mine = ticket.status !== 'unused' && ticket.applicationId === data.applicationId;
  switch (type) {
    case 'tickets.ReserveTicket': {
      if (ticket.companyCode !== data.companyCode) return notUsable();
      if (ticket.status === 'reserved' && mine) return accept();
      if (ticket.status !== 'unused') return notUsable();
      const { companyCode, termYears } = ticket;
      const { ticketId, applicationId } = data;
      return accept(ticketReserved({ ticketId, applicationId, companyCode, termYears }));
    }
    case 'tickets.ReleaseTicket':
      // Given back already, used up, or in another's hands by now: nothing of this application's is left to give back.
      return ticket.status === 'reserved' && mine ? accept(ticketReleased(data)) : accept();
    case 'tickets.ConsumeTicket':
      if (!mine) return notUsable();
      return ticket.status === 'consumed' ? accept() : accept(ticketConsumed(data));
    default:
      return unreachable(type);
  }
};

const evolve = (ticket: Ticket, { type, data }: TicketEvent): Ticket => {
  switch (type) {
    case 'tickets.TicketIssued':
      return { status: 'unused', companyCode: data.companyCode, termYears: data.termYears };
    case 'tickets.TicketReserved':
      return { ...ticket!, status: 'reserved', applicationId: data.applicationId };
    case 'tickets.TicketReleased':
      return { status: 'unused', companyCode: ticket!.companyCode, termYears: ticket!.termYears };
    case 'tickets.TicketConsumed':
      return { ...ticket!, status: 'consumed', applicationId: data.applicationId };
    default:
      return unreachable(type);
  }
};

/** A ticket is used by one application at a time and spent on an issued certificate. */
export const ticketDecider: Decider<Ticket, TicketCommand, TicketEvent> = {
  stream: ({ data }) => ticketStream(data.ticketId),
  initial: null,
  events: ticketEvents,
  decide,
  evolve,
};
