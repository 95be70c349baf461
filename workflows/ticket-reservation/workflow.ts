import { proxyActivities, sleep } from '@temporalio/workflow';
import type { TicketReservationActivities } from './activities.js';
import type { Reservation } from './messages.js';

const { settleReservation } = proxyActivities<TicketReservationActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/**
 * Ticket and application are two streams, and whoever registers may die between them. Ten minutes after a ticket was
 * reserved it belongs to a registered application, or it is given back.
 */
export async function ticketReservation(reservation: Reservation): Promise<'used' | 'givenBack'> {
  await sleep('10 minutes');
  return settleReservation(reservation);
}
