import { accounts } from '../../projections/accounts/projection.js';
import { applications } from '../../projections/applications/projection.js';
import { certificates } from '../../projections/certificates/projection.js';
import { clientPortal } from '../../projections/client-portal/projection.js';
import { notifications } from '../../projections/notifications/projection.js';
import { operationHistory } from '../../projections/operation-history/projection.js';
import { partners } from '../../projections/partners/projection.js';
import { ticketOrders } from '../../projections/ticket-orders/projection.js';

/** Every read model. */
export const projections = [
  accounts,
  applications,
  certificates,
  clientPortal,
  partners,
  ticketOrders,
  operationHistory,
  notifications,
];
