import { accept, type Decider } from '../../kernel/decider.js';
import {
  type PurchaseRequestCommand,
  type PurchaseRequestEvent,
  purchaseRequestEvents,
  ticketPurchaseRequested,
} from './purchase.messages.js';

/** When a purchase was asked for, newest last; only as many as the bound looks at. */
type Requests = readonly string[];

export const REQUESTS_MAX = { mail: 5, company: 200 } as const;
export const REQUESTS_PER_MS = 3_600_000;

/**
 * Asking for a purchase needs no account and sends a mail to whatever address is given, so it is bounded per address
 * and per company. More requests get the same answer, and no mail.
 */
export const purchaseRequestDecider: Decider<Requests, PurchaseRequestCommand, PurchaseRequestEvent> = {
  stream: ({ data }) => `purchaseRequests-${data.requestsId}`,
  initial: [],
  decide: ({ data }, requests, { now }) => {
    const since = new Date(now.getTime() - REQUESTS_PER_MS).toISOString();
    const lately = requests.filter((at) => at > since).length;
    if (lately >= REQUESTS_MAX[data.by]) return accept();
    return accept(ticketPurchaseRequested({ ...data, requestedAt: now.toISOString() }));
  },
  evolve: (requests, { data }) => [...requests, data.requestedAt].slice(-REQUESTS_MAX[data.by]),
  events: purchaseRequestEvents,
};
