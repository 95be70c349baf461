/** The root of the bundle: every workflow that a worker knows. */
export { certificateActivation } from './certificate-activation/workflow.js';
export { certificateExpiry } from './certificate-expiry/workflow.js';
export { mailDelivery } from './mail-delivery/workflow.js';
export { mailRetention } from './mail-retention/workflow.js';
export { revocationLists } from './revocation-lists/workflow.js';
export { certificateApplication } from './certificate-application/workflow.js';
export { ticketReservation } from './ticket-reservation/workflow.js';
export { ticketPurchase } from './ticket-purchase/workflow.js';
