/** The root of the bundle: every workflow that a worker knows. */
export { mailDelivery } from './mail-delivery/workflow.js';
