import type { Kysely } from 'kysely';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';

/** One row per order that was placed; a purchase that never got there is nobody's work. */
export type TicketOrderRow = {
  purchase_id: string;
  order_no: string;
  company_code: string;
  status: 'Ordered' | 'Fulfilled' | 'Paid';
  contact_mail: string;
  billing: string;
  lines: string;
  total_yen: number;
  placed_at: string;
  fulfilment_due_at: string;
  overdue: number;
  invoice: string | null;
  ticket_count: number;
  acceptance_sent_at: string | null;
  tickets_sent_at: string | null;
  paid_on: string | null;
  updated_at: string;
};
export type TicketOrderTables = { orders: TicketOrderRow };

export const ticketOrdersOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<TicketOrderTables>,
  orders: table('orders') as 'orders',
});

const NEEDED_TEXTS = [
  'order_no',
  'company_code',
  'status',
  'contact_mail',
  'billing',
  'lines',
  'placed_at',
  'fulfilment_due_at',
  'updated_at',
] as const;

export const ticketOrderTables: Pick<ProjectionDefinition, 'tables' | 'indexes'> = {
  tables: {
    orders: (t) =>
      NEEDED_TEXTS.reduce(
        (table, name) => table.addColumn(name, 'text', (c) => c.notNull()),
        t.addColumn('purchase_id', 'text', (c) => c.primaryKey()),
      )
        .addColumn('total_yen', 'integer', (c) => c.notNull())
        .addColumn('overdue', 'integer', (c) => c.notNull())
        .addColumn('ticket_count', 'integer', (c) => c.notNull())
        .addColumn('invoice', 'text')
        .addColumn('acceptance_sent_at', 'text')
        .addColumn('tickets_sent_at', 'text')
        .addColumn('paid_on', 'text'),
  },
  indexes: [
    { table: 'orders', columns: ['placed_at', 'purchase_id'] },
    { table: 'orders', columns: ['status', 'placed_at', 'purchase_id'] },
  ],
};
