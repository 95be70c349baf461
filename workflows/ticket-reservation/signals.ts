import { ticketReserved } from '../../src/contexts/tickets/messages.js';
import { type ProcessSignals, startsOn } from '../../src/platform/temporal/signals.js';
import type { Reservation } from './messages.js';

export const ticketReservationSignals: ProcessSignals = {
  process: 'ticket-reservation',
  wakes: [
    // By the event: a ticket that came back may be reserved again, also by the same application.
    startsOn(ticketReserved, ({ id, data: { ticketId, applicationId } }) => ({
      workflow: 'ticketReservation',
      workflowId: `reservation.${id}`,
      args: [{ ticketId, applicationId } satisfies Reservation],
    })),
  ],
};
