import { message, type MessageOf } from '../../kernel/message.js';
import { count, instant, listOf, oneOf, personal, record, text, whole } from '../../kernel/schema.js';

export const SERVICE = 'e-contract';
/** The upper one of the page's options, and the only one that this service carries out. */
export const DELIVERY_TYPES = ['DIRECT'] as const;
/** Each certificate is a ticket with a stream of its own; whoever wants more orders again. */
export const QUANTITY_MAX = 100;

const purchase = { purchaseId: text() };
const quantity = { termYears: whole(1, 3), quantity: whole(0, QUANTITY_MAX) };
const line = { ...quantity, unitPriceYen: count(), subtotalYen: count() };
export type Quantity = Readonly<{ termYears: number; quantity: number }>;
export type OrderLine = Quantity & Readonly<{ unitPriceYen: number; subtotalYen: number }>;

/** The partner's own data: to whom the invoice goes. */
const billing = record({
  companyName: text(),
  department: text(),
  postalCode: text(),
  address: text(),
  phone: text(),
  contactName: text(),
});
export type Billing = Readonly<{
  companyName: string;
  department: string;
  postalCode: string;
  address: string;
  phone: string;
  contactName: string;
}>;

export const ticketPurchaseStarted = message('tickets.TicketPurchaseStarted', {
  ...purchase,
  companyCode: text(),
  contactMail: personal(text()),
  linkId: text(),
  /** From now; from the sending once that is known. */
  expiresAt: instant(),
});
export const purchaseLinkSent = message('tickets.PurchaseLinkSent', {
  ...purchase,
  sentAt: instant(),
  expiresAt: instant(),
});
export const purchaseLinkOpened = message('tickets.PurchaseLinkOpened', purchase);
export const ticketPurchaseExpired = message('tickets.TicketPurchaseExpired', { ...purchase, dueAt: instant() });
export const deliveryTypeChosen = message('tickets.DeliveryTypeChosen', { ...purchase, type: oneOf(DELIVERY_TYPES) });
export const orderDetailsEntered = message('tickets.OrderDetailsEntered', {
  ...purchase,
  billing: personal(billing),
  lines: listOf(record(line)),
  totalYen: count(),
});
export const ticketOrderPlaced = message('tickets.TicketOrderPlaced', {
  ...purchase,
  orderNo: text(),
  companyCode: text(),
  contactMail: personal(text()),
  billing: personal(billing),
  lines: listOf(record(line)),
  totalYen: count(),
  /** By then the back office should have fulfilled it; later it is flagged, never cancelled. */
  fulfilmentDueAt: instant(),
});
/** For whoever asks later why it took so long; the order itself stays as it is. */
export const ticketOrderOverdue = message('tickets.TicketOrderOverdue', { ...purchase, dueAt: instant() });
export const orderAcceptanceNoticeSent = message('tickets.OrderAcceptanceNoticeSent', {
  ...purchase,
  sentAt: instant(),
});
export const ticketsIssued = message('tickets.TicketsIssued', {
  ...purchase,
  companyCode: text(),
  tickets: listOf(record({ ticketId: text(), termYears: whole(1, 3) })),
});
/** As it stood on the paper that went out: who sells may move or change banks, the invoice does not. */
const seller = record({
  name: text(),
  registrationNumber: text(),
  postalCode: text(),
  address: text(),
  phone: text(),
  bankAccount: text(),
});

export const invoiceIssued = message('tickets.InvoiceIssued', {
  ...purchase,
  invoiceNo: text(),
  issuedOn: text(),
  totalYen: count(),
  taxPercent: count(),
  taxYen: count(),
  grandTotalYen: count(),
  paymentDueOn: text(),
  seller,
});
export const ticketNoticeSent = message('tickets.TicketNoticeSent', { ...purchase, sentAt: instant() });
export const invoicePaid = message('tickets.InvoicePaid', { ...purchase, invoiceNo: text(), paidOn: text() });

export const purchaseEvents = [
  ticketPurchaseStarted,
  purchaseLinkSent,
  purchaseLinkOpened,
  ticketPurchaseExpired,
  deliveryTypeChosen,
  orderDetailsEntered,
  ticketOrderPlaced,
  ticketOrderOverdue,
  orderAcceptanceNoticeSent,
  ticketsIssued,
  invoiceIssued,
  ticketNoticeSent,
  invoicePaid,
] as const;
export type PurchaseEvent = MessageOf<(typeof purchaseEvents)[number]>;

export const startTicketPurchase = message('tickets.StartTicketPurchase', {
  ...purchase,
  companyCode: text(),
  contactMail: personal(text()),
  linkId: text(),
});
export const recordPurchaseMailSent = message('tickets.RecordPurchaseMailSent', {
  ...purchase,
  kind: oneOf(['link', 'acceptance', 'tickets']),
  sentAt: instant(),
});
export const openPurchaseLink = message('tickets.OpenPurchaseLink', purchase);
/** `deadline` is the one that the timer served; the stream knows whether it still is the one. */
export const expireTicketPurchase = message('tickets.ExpireTicketPurchase', { ...purchase, deadline: instant() });
export const chooseDeliveryType = message('tickets.ChooseDeliveryType', { ...purchase, type: oneOf(DELIVERY_TYPES) });
export const enterOrderDetails = message('tickets.EnterOrderDetails', {
  ...purchase,
  billing: personal(billing),
  quantities: listOf(record(quantity)),
});
export const placeTicketOrder = message('tickets.PlaceTicketOrder', purchase);
export const flagOverdueOrder = message('tickets.FlagOverdueOrder', { ...purchase, deadline: instant() });
export const fulfilTicketOrder = message('tickets.FulfilTicketOrder', { ...purchase, invoiceNo: text(), seller });
export const markInvoicePaid = message('tickets.MarkInvoicePaid', { ...purchase, paidOn: text() });

export const purchaseCommands = [
  startTicketPurchase,
  recordPurchaseMailSent,
  openPurchaseLink,
  expireTicketPurchase,
  chooseDeliveryType,
  enterOrderDetails,
  placeTicketOrder,
  flagOverdueOrder,
  fulfilTicketOrder,
  markInvoicePaid,
] as const;
export type PurchaseCommand = MessageOf<(typeof purchaseCommands)[number]>;

export const purchaseStream = (purchaseId: string): string => `ticketOrder-${purchaseId}`;

/** Under an address and under a company: neither may be made to send mails without end. */
const request = { requestsId: text(), by: oneOf(['mail', 'company']), purchaseId: text() };
export const ticketPurchaseRequested = message('tickets.TicketPurchaseRequested', {
  ...request,
  requestedAt: instant(),
});
export const purchaseRequestEvents = [ticketPurchaseRequested] as const;
export type PurchaseRequestEvent = MessageOf<(typeof purchaseRequestEvents)[number]>;
export const requestTicketPurchase = message('tickets.RequestTicketPurchase', request);
export const purchaseRequestCommands = [requestTicketPurchase] as const;
export type PurchaseRequestCommand = MessageOf<(typeof purchaseRequestCommands)[number]>;

/** Numbers of invoices follow each other without a gap within a year: one stream gives them out. */
export const invoiceNumberGiven = message('tickets.InvoiceNumberGiven', {
  year: text(),
  purchaseId: text(),
  number: whole(1, 999_999),
});
export const invoiceNumberEvents = [invoiceNumberGiven] as const;
export type InvoiceNumberEvent = MessageOf<(typeof invoiceNumberEvents)[number]>;
export const giveInvoiceNumber = message('tickets.GiveInvoiceNumber', { year: text(), purchaseId: text() });
export const invoiceNumberCommands = [giveInvoiceNumber] as const;
export type InvoiceNumberCommand = MessageOf<(typeof invoiceNumberCommands)[number]>;
export const invoiceNumberOf = (year: string, number: number): string =>
  `INV-${year}-${String(number).padStart(6, '0')}`;
