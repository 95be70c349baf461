import {
  purchaseLinkSent,
  ticketOrderPlaced,
  ticketPurchaseStarted,
  ticketsIssued,
} from '../../src/contexts/tickets/purchase.messages.js';
import { type ProcessSignals, signalsOn, startsOn } from '../../src/platform/temporal/signals.js';

export const ticketPurchaseSignals: ProcessSignals = {
  process: 'ticket-purchase',
  wakes: [
    startsOn(ticketPurchaseStarted, ({ data: { purchaseId, expiresAt } }) => ({
      workflow: 'ticketPurchase',
      workflowId: purchaseId,
      args: [{ purchaseId, expiresAt }],
    })),
    signalsOn(purchaseLinkSent, ({ data: { purchaseId, expiresAt } }) => ({
      workflowId: purchaseId,
      signal: 'purchaseLinkSent',
      args: [{ expiresAt }],
    })),
    signalsOn(ticketOrderPlaced, ({ data: { purchaseId, fulfilmentDueAt } }) => ({
      workflowId: purchaseId,
      signal: 'orderPlaced',
      args: [{ fulfilmentDueAt }],
    })),
    signalsOn(ticketsIssued, ({ data: { purchaseId } }) => ({
      workflowId: purchaseId,
      signal: 'orderFulfilled',
      args: [],
    })),
  ],
};
