import { afterBusinessHours } from '../../kernel/business-hours.js';
import { addDays, type BusinessCalendar, dayOf } from '../../kernel/calendar.js';
import { accept, type Outcome, refuse } from '../../kernel/decider.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { taxPercent, taxYen } from './prices.decider.js';
import * as m from './purchase.messages.js';
import type { Purchase } from './purchase.state.js';

type Decision = Outcome<m.PurchaseEvent>;
type Known = NonNullable<Purchase>;

/** Several hours, as the buyer is told. */
const FULFILMENT_HOURS = 4;
const PAYMENT_DAYS = 30;

/** What people say on the phone: the day, and enough of the id that no two of a day are alike. */
const orderNoOf = (purchaseId: string, now: Date): string =>
  `${dayOf(now).replaceAll('-', '')}-${derivedId('order number', purchaseId).slice(0, 8).toUpperCase()}`;

export const orderPlacedBy = (
  purchaseId: string,
  { companyCode, contactMail, details }: Known,
  now: Date,
  calendar: BusinessCalendar,
): Decision => {
  if (!details) return refuse(refusal('ORDER_DETAILS_FIRST'));
  // At the prices of the page that was confirmed, even if they changed since: that is what the buyer agreed to.
  const { billing, lines, totalYen } = details;
  return accept(
    m.ticketOrderPlaced({
      purchaseId,
      orderNo: orderNoOf(purchaseId, now),
      companyCode,
      contactMail,
      billing,
      lines: [...lines],
      totalYen,
      fulfilmentDueAt: afterBusinessHours(now, FULFILMENT_HOURS, calendar).toISOString(),
    }),
  );
};

/** One ticket per certificate bought, named after the order, so that a repetition makes none twice. */
const ticketsOf = (purchaseId: string, lines: readonly m.OrderLine[]) =>
  lines.flatMap(({ termYears, quantity }) =>
    Array.from({ length: quantity }, (_, index) => ({
      ticketId: derivedId('ticket', purchaseId, String(termYears), String(index)),
      termYears,
    })),
  );

export const decideFulfilment = (
  { purchaseId, invoiceNo, seller }: MessageOf<typeof m.fulfilTicketOrder>['data'],
  { status, companyCode, details }: Known,
  now: Date,
): Decision => {
  if (status !== 'Ordered') return refuse(refusal('ORDER_STATE', { status }));
  const { lines, totalYen } = details!;
  const percent = taxPercent(now);
  const tax = taxYen(totalYen, percent);
  const issuedOn = dayOf(now);
  return accept<m.PurchaseEvent>(
    m.ticketsIssued({ purchaseId, companyCode, tickets: ticketsOf(purchaseId, lines) }),
    m.invoiceIssued({
      purchaseId,
      invoiceNo,
      issuedOn,
      totalYen,
      taxPercent: percent,
      taxYen: tax,
      grandTotalYen: totalYen + tax,
      paymentDueOn: addDays(issuedOn, PAYMENT_DAYS),
      seller,
    }),
  );
};

export const decidePayment = (
  { purchaseId, paidOn }: MessageOf<typeof m.markInvoicePaid>['data'],
  { status, invoice }: Known,
): Decision => {
  if (status !== 'Fulfilled') return refuse(refusal('ORDER_STATE', { status }));
  const { issuedOn } = invoice!;
  // Nobody pays what was not yet asked for; a slip of the year would stand in the books for ever.
  if (paidOn < issuedOn) return refuse(invalid([{ field: 'paidOn', rule: 'dayFrom', params: { from: issuedOn } }]));
  return accept(m.invoicePaid({ purchaseId, invoiceNo: invoice!.invoiceNo, paidOn }));
};

/** The timer says that the due time has come; the stream knows whether the order is still open, and flags it once. */
export const decideOverdue = (
  { purchaseId }: MessageOf<typeof m.flagOverdueOrder>['data'],
  { status, fulfilmentDueAt, overdue }: Known,
  now: Date,
): Decision => {
  if (status !== 'Ordered' || overdue || now.toISOString() < fulfilmentDueAt!) return accept();
  return accept(m.ticketOrderOverdue({ purchaseId, dueAt: fulfilmentDueAt! }));
};
