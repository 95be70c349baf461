import { unreachable } from '../../kernel/decider.js';
import type { Billing, OrderLine, PurchaseEvent } from './purchase.messages.js';

type Started = Readonly<{ companyCode: string; contactMail: string; linkId: string; expiresAt: string; sent: boolean }>;
type Entered = Readonly<{ billing: Billing; lines: readonly OrderLine[]; totalYen: number }>;

/** `invoiceNo` is there from the fulfilment on. */
export type Purchase =
  | null
  | (Started &
      Readonly<{
        status: 'LinkSent' | 'Entering' | 'Expired' | 'Ordered' | 'Fulfilled' | 'Paid';
        deliveryType: string | null;
        details: Entered | null;
        orderNo: string | null;
        invoiceNo: string | null;
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
  invoiceNo: null,
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
      return { ...known, status: 'Ordered', orderNo: data.orderNo };
    case 'tickets.OrderAcceptanceNoticeSent':
      return { ...known, noticed: { ...known.noticed, acceptance: true } };
    case 'tickets.TicketsIssued':
      return { ...known, status: 'Fulfilled' };
    case 'tickets.InvoiceIssued':
      return { ...known, invoiceNo: data.invoiceNo };
    case 'tickets.TicketNoticeSent':
      return { ...known, noticed: { ...known.noticed, tickets: true } };
    case 'tickets.InvoicePaid':
      return { ...known, status: 'Paid' };
    default:
      return unreachable(type);
  }
};
