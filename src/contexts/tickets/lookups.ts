import { Inject, Injectable } from '@nestjs/common';
import { Decisions } from '../../platform/commands/decisions.js';
import { ticketStream } from './messages.js';
import { ticketDecider } from './ticket.decider.js';
import { TicketNumbers } from './numbers.js';

export type TicketFacts = Readonly<{
  ticketId: string;
  companyCode: string;
  termYears: number;
  status: 'unused' | 'reserved' | 'consumed';
  /** The application that has it, now or for good. */
  applicationId: string | null;
}>;

export const ticketById = async (decisions: Decisions, ticketId: string): Promise<TicketFacts | null> => {
  const { state } = await decisions.stateOf(ticketDecider, ticketStream(ticketId));
  if (!state) return null;
  const { companyCode, termYears, status } = state;
  const applicationId = 'applicationId' in state ? state.applicationId : null;
  return { ticketId, companyCode, termYears, status, applicationId };
};

/** What other contexts may know of a ticket by its number. */
@Injectable()
export class TicketLookups {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(TicketNumbers) private readonly numbers: TicketNumbers,
  ) {}

  byId(ticketId: string): Promise<TicketFacts | null> {
    return ticketById(this.decisions, ticketId);
  }

  async byNumber(number: string): Promise<TicketFacts | null> {
    const ticketId = this.numbers.ticketIdOf(number);
    return ticketId === null ? null : this.byId(ticketId);
  }

  /** Only for the mail that delivers the ticket and for the pages of the applicant. */
  numberOf(ticketId: string): string {
    return this.numbers.numberOf(ticketId);
  }

  maskedNumberOf(ticketId: string): string {
    return this.numbers.maskedOf(ticketId);
  }
}
