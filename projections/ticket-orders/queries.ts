import type { Place } from '../../src/platform/http/paging.js';
import type { LiveRows } from '../../src/platform/projections/definition.js';
import { ticketOrdersOf, type TicketOrderRow } from './tables.js';

export type { TicketOrderRow };
export type OrderFilters = Readonly<{
  status?: string;
  companyCode?: string;
  orderNo?: string;
  /** Due at this moment or before, and still not fulfilled. */
  overdueAt?: string;
}>;

export const findOrder = async (rows: LiveRows, purchaseId: string): Promise<TicketOrderRow | null> => {
  const { db, orders } = ticketOrdersOf(rows);
  const one = db.selectFrom(orders).selectAll().where('purchase_id', '=', purchaseId);
  return (await one.executeTakeFirst()) ?? null;
};

/** Whoever has waited longest comes first. */
export const listOrders = (
  rows: LiveRows,
  { status, companyCode, orderNo, overdueAt }: OrderFilters,
  after: Place | null,
  limit: number,
): Promise<TicketOrderRow[]> => {
  const { db, orders } = ticketOrdersOf(rows);
  let page = db.selectFrom(orders).selectAll().orderBy('placed_at').orderBy('purchase_id').limit(limit);
  if (status !== undefined) page = page.where('status', '=', status as TicketOrderRow['status']);
  if (companyCode !== undefined) page = page.where('company_code', '=', companyCode);
  if (orderNo !== undefined) page = page.where('order_no', '=', orderNo);
  if (overdueAt !== undefined) page = page.where('status', '=', 'Ordered').where('fulfilment_due_at', '<=', overdueAt);
  if (after) {
    const [placedAt, id] = after;
    page = page.where((is) =>
      is.or([
        is('placed_at', '>', String(placedAt)),
        is.and([is('placed_at', '=', String(placedAt)), is('purchase_id', '>', id)]),
      ]),
    );
  }
  return page.execute();
};
