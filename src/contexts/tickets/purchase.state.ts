import { unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import type { Billing, invoiceIssued, OrderLine, PurchaseEvent } from './purchase.messages.js';

type Started = Readonly<{ companyCode: string; contactMail: string; linkId: string; expiresAt: string; sent: boolean }>;
type Entered = Readonly<{ billing: Billing; lines: readonly OrderLine[]; totalYen: number }>;

type Ticketed = Readonly<{ ticketId: string; termYears: number }>;
type Invoiced = Omit<MessageOf<typeof invoiceIssued>['data'], 'purchaseId'>;

/** `tickets` and `invoice` are there from the fulfilment on. */
export type Purchase =
  | null
  | (Started &
      Readonly<{
        status: 'LinkSent' | 'Entering' | 'Expired' | 'Ordered' | 'Fulfilled' | 'Paid';
        deliveryType: string | null;
        details: Entered | null;
        orderNo: string | null;
        fulfilmentDueAt: string | null;
        overdue: boolean;
        tickets: readonly Ticketed[];
        invoice: Invoiced | null;
        noticed: Readonly<{ acceptance: boolean; tickets: boolean }>;
      }>);
export type PurchaseStatus = NonNullable<Purchase>['status'];

const started = ({ companyCode, contactMail, linkId, expiresAt }: Omit<Started, 'sent'>): Purchase => ({
  companyCode,
  contactMail,
  linkId,
  expiresAt,
  sent: false,
  status: 'LinkSent',
  deliveryType: null,
  details: null,
  orderNo: null,
  fulfilmentDueAt: null,
  overdue: false,
  tickets: [],
  invoice: null,
  noticed: { acceptance: false, tickets: false },
});

export const evolve = (purchase: Purchase, { type, data }: PurchaseEvent): Purchase => {
  if (type === 'tickets.TicketPurchaseStarted') return started(data);
  const known = purchase!;
  switch (type) {
    case 'tickets.PurchaseLinkSent':
      return { ...known, expiresAt: data.expiresAt, sent: true };
    case 'tickets.PurchaseLinkOpened':
      return { ...known, status: 'Entering' };
    case 'tickets.TicketPurchaseExpired':
      return { ...known, status: 'Expired' };
    case 'tickets.DeliveryTypeChosen':
      return { ...known, deliveryType: data.type };
    case 'tickets.OrderDetailsEntered': {
      const { billing, lines, totalYen } = data;
      return { ...known, details: { billing, lines, totalYen } };
    }
    case 'tickets.TicketOrderPlaced':
      return { ...known, status: 'Ordered', orderNo: data.orderNo, fulfilmentDueAt: data.fulfilmentDueAt };
    case 'tickets.TicketOrderOverdue':
      return { ...known, overdue: true };
    case 'tickets.OrderAcceptanceNoticeSent':
      return { ...known, noticed: { ...known.noticed, acceptance: true } };
    case 'tickets.TicketsIssued':
      return { ...known, status: 'Fulfilled', tickets: data.tickets };
    case 'tickets.InvoiceIssued':
      return { ...known, invoice: data };
    case 'tickets.TicketNoticeSent':
      return { ...known, noticed: { ...known.noticed, tickets: true } };
    case 'tickets.InvoicePaid':
      return { ...known, status: 'Paid' };
    default:
      return unreachable(type);
  }
};
