import { Inject, Injectable } from '@nestjs/common';
import { derivedId } from '../../kernel/ids.js';
import { Commands, decidedBy } from '../../platform/commands/decided-by.js';
import type { Sender } from '../../platform/commands/sender.js';
import { issueTicket, ticketCommands } from './messages.js';
import { ticketDecider } from './ticket.decider.js';

export const ticketHandlers = decidedBy(ticketDecider, ticketCommands);

export type TicketLine = Readonly<{ termYears: number; quantity: number }>;
export type NewTicket = Readonly<{ ticketId: string; termYears: number }>;

/** One stream per ticket; all of a call are named after what caused them, so a repetition makes none twice. */
@Injectable()
export class TicketIssuing {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  async issue(
    {
      companyCode,
      orderId,
      lines,
    }: Readonly<{ companyCode: string; orderId: string | null; lines: readonly TicketLine[] }>,
    sender: Sender,
  ): Promise<readonly NewTicket[]> {
    const tickets = lines.flatMap(({ termYears, quantity }) =>
      Array.from({ length: quantity }, (_, index) => ({
        ticketId: derivedId(sender.commandId, 'ticket', String(termYears), String(index)),
        termYears,
      })),
    );
    for (const { ticketId, termYears } of tickets) {
      const commandId = derivedId(sender.commandId, 'issue ticket', ticketId);
      await this.commands.send(issueTicket({ ticketId, termYears, companyCode, orderId }), {
        ...sender,
        commandId,
        fingerprint: null,
      });
    }
    return tickets;
  }
}
