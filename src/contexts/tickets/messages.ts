import { message, type MessageOf } from '../../kernel/message.js';
import { oneOf, orNull, text, whole } from '../../kernel/schema.js';

/** Names the ticket everywhere; its number is a bearer value and is made from this name only where it may be seen. */
const ticket = { ticketId: text() };
const use = { ...ticket, applicationId: text() };
const worth = { companyCode: text(), termYears: whole(1, 3) };

export const RELEASE_REASONS = ['expired', 'returned', 'rejected', 'abandoned'] as const;
export type ReleaseReason = (typeof RELEASE_REASONS)[number];

export const ticketIssued = message('tickets.TicketIssued', { ...ticket, ...worth, orderId: orNull(text()) });
export const ticketReserved = message('tickets.TicketReserved', { ...use, ...worth });
export const ticketReleased = message('tickets.TicketReleased', { ...use, reason: oneOf(RELEASE_REASONS) });
export const ticketConsumed = message('tickets.TicketConsumed', use);

export const ticketEvents = [ticketIssued, ticketReserved, ticketReleased, ticketConsumed] as const;
export type TicketEvent = MessageOf<(typeof ticketEvents)[number]>;

export const issueTicket = message('tickets.IssueTicket', { ...ticket, ...worth, orderId: orNull(text()) });
/** The company code is what the applicant wrote; it must be the one that the ticket was bought for. */
export const reserveTicket = message('tickets.ReserveTicket', { ...use, companyCode: text() });
export const releaseTicket = message('tickets.ReleaseTicket', { ...use, reason: oneOf(RELEASE_REASONS) });
export const consumeTicket = message('tickets.ConsumeTicket', use);

export const ticketCommands = [issueTicket, reserveTicket, releaseTicket, consumeTicket] as const;
export type TicketCommand = MessageOf<(typeof ticketCommands)[number]>;

export const ticketStream = (ticketId: string): string => `ticket-${ticketId}`;
