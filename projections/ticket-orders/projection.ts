import type { PurchaseEvent } from '../../src/contexts/tickets/purchase.messages.js';
import { purchaseEvents } from '../../src/contexts/tickets/purchase.messages.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { ProjectionDefinition, Rows } from '../../src/platform/projections/definition.js';
import { ticketOrdersOf, type TicketOrderRow, ticketOrderTables } from './tables.js';

type Placed = Extract<PurchaseEvent, { type: 'tickets.TicketOrderPlaced' }>['data'];
type Change = Partial<Omit<TicketOrderRow, 'purchase_id'>>;
type Handlers = { [E in PurchaseEvent as E['type']]?: (data: E['data']) => Change };

const handlers: Handlers = {
  'tickets.TicketOrderOverdue': () => ({ overdue: 1 }),
  'tickets.OrderAcceptanceNoticeSent': ({ sentAt }) => ({ acceptance_sent_at: sentAt }),
  'tickets.TicketsIssued': ({ tickets }) => ({ status: 'Fulfilled', ticket_count: tickets.length }),
  'tickets.InvoiceIssued': ({ purchaseId: _, ...invoice }) => ({ invoice: JSON.stringify(invoice) }),
  'tickets.TicketNoticeSent': ({ sentAt }) => ({ tickets_sent_at: sentAt }),
  'tickets.InvoicePaid': ({ paidOn }) => ({ status: 'Paid', paid_on: paidOn }),
};

const rowOf = (data: Placed, at: string): TicketOrderRow => ({
  purchase_id: data.purchaseId,
  order_no: data.orderNo,
  company_code: data.companyCode,
  status: 'Ordered',
  contact_mail: data.contactMail,
  billing: JSON.stringify(data.billing),
  lines: JSON.stringify(data.lines),
  total_yen: data.totalYen,
  placed_at: at,
  fulfilment_due_at: data.fulfilmentDueAt,
  overdue: 0,
  ticket_count: 0,
  invoice: null,
  acceptance_sent_at: null,
  tickets_sent_at: null,
  paid_on: null,
  updated_at: at,
});

const apply = async ({ type, data, metadata }: Recorded<PurchaseEvent>, rows: Rows): Promise<void> => {
  const { db, orders } = ticketOrdersOf(rows);
  const at = metadata.occurredAt;
  if (type === 'tickets.TicketOrderPlaced') {
    await db.insertInto(orders).values(rowOf(data, at)).execute();
    return;
  }
  const change = (handlers[type] as ((data: unknown) => Change) | undefined)?.(data);
  if (!change) return;
  const update = db.updateTable(orders).set({ ...change, updated_at: at });
  await update.where('purchase_id', '=', data.purchaseId).execute();
};

/** What the back office has to fulfil, and what became of it. */
export const ticketOrders: ProjectionDefinition = {
  name: 'ticket-orders',
  version: 1,
  typePrefixes: purchaseEvents.map(({ type }) => type),
  ...ticketOrderTables,
  apply: (event, rows) => apply(event as unknown as Recorded<PurchaseEvent>, rows),
};
