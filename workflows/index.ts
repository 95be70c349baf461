/** The root of the bundle: every workflow that a worker knows. */
export { mailDelivery } from './mail-delivery/workflow.js';
export { certificateApplication } from './certificate-application/workflow.js';
export { ticketReservation } from './ticket-reservation/workflow.js';
