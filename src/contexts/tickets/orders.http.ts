import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ticketOrders } from '../../../projections/ticket-orders/projection.js';
import {
  findOrder,
  listOrders,
  type OrderFilters,
  type TicketOrderRow,
} from '../../../projections/ticket-orders/queries.js';
import { dayOf, inJapan, inJapanOrNull, isDay } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { type FieldError, invalid, refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Asked, type Given } from '../../platform/http/asked.js';
import { type Caller, From } from '../../platform/http/caller.js';
import {
  ANSWERED,
  Answers,
  listOf,
  MayAsk,
  moment,
  oneOf,
  orNull,
  pageShape,
  shape,
  text,
  whole,
  yesNo,
} from '../../platform/http/documented.js';
import { Formed } from '../../platform/http/follows.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { STAFF } from '../identity/messages.js';
import { type Invoice, invoicePdf } from './invoice.paper.js';
import { PurchaseAccess, senderAsStaff } from './purchase.access.js';
import { OrderFulfilment } from './purchase.commands.js';
import { type Billing, markInvoicePaid, type OrderLine, purchaseStream } from './purchase.messages.js';

const STATUSES = ['Ordered', 'Fulfilled', 'Paid'] as const;
const FILTERS = ['status', 'companyCode', 'orderNo', 'overdue'] as const;
const KNOWN: readonly string[] = [...FILTERS, 'cursor', 'limit'];

class PaymentDto {
  @Formed(/^\d{4}-\d{2}-\d{2}$/, 'day', 10) paidOn!: string;
}

const ITEM = {
  id: text,
  type: oneOf('ticketOrder'),
  status: oneOf(...STATUSES),
  orderNo: text,
  companyCode: text,
  contactMail: text,
  totalYen: whole,
  waitingSince: moment,
  dueAt: moment,
  overdue: yesNo,
  updatedAt: moment,
  actions: listOf(oneOf('fulfil', 'markPaid')),
};
const LINE = shape({ termYears: whole, quantity: whole, unitPriceYen: whole, subtotalYen: whole });
const INVOICE = shape({
  invoiceNo: text,
  issuedOn: text,
  totalYen: whole,
  taxPercent: whole,
  taxYen: whole,
  grandTotalYen: whole,
  paymentDueOn: text,
});
const ORDER = shape({
  ...ITEM,
  version: whole,
  billing: shape({
    companyName: text,
    department: text,
    postalCode: text,
    address: text,
    phone: text,
    contactName: text,
  }),
  lines: listOf(LINE),
  ticketCount: whole,
  invoice: orNull(INVOICE),
  acceptanceSentAt: orNull(moment),
  ticketsSentAt: orNull(moment),
  paidOn: orNull(text),
});

const filtersOf = (given: Given, now: Date): OrderFilters => {
  const asked = new Asked(given, KNOWN);
  return asked.filters({
    status: asked.oneOf('status', STATUSES),
    companyCode: asked.text('companyCode'),
    orderNo: asked.text('orderNo'),
    overdueAt: asked.oneOf('overdue', ['true']) && now.toISOString(),
  });
};

const itemOf = (row: TicketOrderRow, now: Date) => ({
  id: row.purchase_id,
  type: 'ticketOrder',
  status: row.status,
  orderNo: row.order_no,
  companyCode: row.company_code,
  contactMail: row.contact_mail,
  totalYen: row.total_yen,
  waitingSince: inJapan(new Date(row.placed_at)),
  dueAt: inJapan(new Date(row.fulfilment_due_at)),
  overdue: row.status === 'Ordered' ? row.fulfilment_due_at <= now.toISOString() : row.overdue === 1,
  updatedAt: inJapan(new Date(row.updated_at)),
  actions: row.status === 'Ordered' ? ['fulfil'] : row.status === 'Fulfilled' ? ['markPaid'] : [],
});

/** The seller is on the paper; the console shows the figures. */
const shownInvoice = ({ invoiceNo, issuedOn, totalYen, taxPercent, taxYen, grandTotalYen, paymentDueOn }: Invoice) => ({
  ...{ invoiceNo, issuedOn, totalYen, taxPercent, taxYen, grandTotalYen, paymentDueOn },
});

/** The queue of orders for the staff of the registration authority (LRA). */
@Controller('back-office/ticket-orders')
@Only(STAFF)
export class TicketOrdersController {
  constructor(
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(PurchaseAccess) private readonly access: PurchaseAccess,
    @Inject(OrderFulfilment) private readonly fulfilment: OrderFulfilment,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @MayAsk(...KNOWN)
  @Answers(200, pageShape(shape(ITEM)))
  async list(@Query() given: Given) {
    const now = this.clock.now();
    const size = limitOf(given['limit']);
    const after = placeOf(given['cursor']);
    const filters = filtersOf(given, now);
    const rows = await this.readModels.query(ticketOrders, (live) => listOrders(live, filters, after, size + 1));
    return pageOf(
      rows,
      size,
      (row) => itemOf(row, now),
      ({ placed_at, purchase_id }) => [placed_at, purchase_id],
    );
  }

  @Get(':id')
  @MayAsk('minVersion')
  @Answers(200, ORDER, 'NOT_FOUND')
  async one(@Param('id') id: string, @Query('minVersion') minVersion?: string) {
    const stream = purchaseStream(id);
    await this.readModels.untilVersion(ticketOrders, stream, minVersionOf(minVersion));
    const version = await this.readModels.versionOf(ticketOrders, stream);
    const row = await this.found(id);
    return {
      ...itemOf(row, this.clock.now()),
      version,
      billing: JSON.parse(row.billing) as Billing,
      lines: JSON.parse(row.lines) as OrderLine[],
      ticketCount: row.ticket_count,
      invoice: row.invoice === null ? null : shownInvoice(JSON.parse(row.invoice) as Invoice),
      acceptanceSentAt: inJapanOrNull(row.acceptance_sent_at),
      ticketsSentAt: inJapanOrNull(row.tickets_sent_at),
      paidOn: row.paid_on,
    };
  }

  /** The paper that went out, for whoever asks for it again. Ticket numbers are only ever in the buyer's mail. */
  @Get(':id/invoice')
  @Header('content-type', 'application/pdf')
  @Answers(200, null, 'NOT_FOUND')
  async invoice(@Param('id') id: string): Promise<StreamableFile> {
    const row = await this.found(id);
    if (row.invoice === null) throw new Refused(refusal('NOT_FOUND'));
    const facts = JSON.parse(row.invoice) as Omit<Invoice, 'orderNo' | 'billing' | 'lines'>;
    const billing = JSON.parse(row.billing) as Billing;
    const lines = JSON.parse(row.lines) as OrderLine[];
    const pdf = await invoicePdf({ ...facts, orderNo: row.order_no, billing, lines });
    return new StreamableFile(pdf, { disposition: `attachment; filename="invoice-${facts.invoiceNo}.pdf"` });
  }

  @Post(':id/fulfilment')
  @Answers(201, shape({ id: text, version: whole, invoiceNo: text }), 'NOT_FOUND', 'ORDER_STATE')
  async fulfil(@Param('id') id: string, @From() caller: Caller) {
    const { purchase } = await this.access.stateOf(id);
    // Known before a number is taken for it; the stream has the last word. A repeated request gets its first answer there.
    if (purchase.status !== 'Ordered' && purchase.invoice === null)
      throw new Refused(refusal('ORDER_STATE', { status: purchase.status }));
    const sender = senderAsStaff(caller, id, purchase.companyCode);
    const { version } = orRefuse(await this.fulfilment.fulfil(id, purchase, sender));
    const { purchase: fulfilled } = await this.access.stateOf(id);
    return { id, version, invoiceNo: fulfilled.invoice!.invoiceNo };
  }

  @Post(':id/payment')
  @HttpCode(200)
  @Answers(200, ANSWERED, 'NOT_FOUND', 'ORDER_STATE')
  async markPaid(@Param('id') id: string, @Body() { paidOn }: PaymentDto, @From() caller: Caller) {
    const fault: FieldError = { field: 'paidOn', rule: 'day' };
    if (!isDay(paidOn) || paidOn > dayOf(this.clock.now())) throw new Refused(invalid([fault]));
    const { purchase } = await this.access.stateOf(id);
    const sender = senderAsStaff(caller, id, purchase.companyCode);
    const { version } = orRefuse(await this.commands.send(markInvoicePaid({ purchaseId: id, paidOn }), sender));
    return { id, version };
  }

  private async found(id: string): Promise<TicketOrderRow> {
    const row = await this.readModels.query(ticketOrders, (rows) => findOrder(rows, id));
    if (!row) throw new Refused(refusal('NOT_FOUND'));
    return row;
  }
}
