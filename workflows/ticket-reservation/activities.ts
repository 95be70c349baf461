import { applicationById, holdsTicket } from '../../src/contexts/applications/lookups.js';
import { abandonRegistration, SERVICE } from '../../src/contexts/applications/messages.js';
import { ticketById } from '../../src/contexts/tickets/lookups.js';
import { releaseTicket } from '../../src/contexts/tickets/messages.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import type { ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Reservation } from './messages.js';

export type TicketReservationTools = Readonly<{ decisions: Decisions; commands: ProcessCommands }>;

export const ticketReservationActivities = ({ decisions, commands }: TicketReservationTools) => ({
  /** The application's stream decides the race between a late registration and this; the ticket follows it. */
  async settleReservation({ ticketId, applicationId }: Reservation): Promise<'used' | 'givenBack'> {
    const ticket = await ticketById(decisions, ticketId);
    const step = { tenant: ticket?.companyCode ?? '', service: SERVICE };
    await commands.send(abandonRegistration({ applicationId, ticketId }), { ...step, step: 'abandon' });
    if (holdsTicket(await applicationById(decisions, applicationId), ticketId)) return 'used';
    await commands.send(releaseTicket({ ticketId, applicationId, reason: 'abandoned' }), { ...step, step: 'release' });
    return 'givenBack';
  },
});

export type TicketReservationActivities = ReturnType<typeof ticketReservationActivities>;
