import { describe, expect, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { type Actor, SYSTEM } from '../../kernel/actor.js';
import { purchaseDecider } from './purchase.decider.js';
import * as m from './purchase.messages.js';

const purchaseId = 'p-1';
const LINK_AT = '2026-07-01T01:00:00.000Z';
const EXPIRES = '2026-07-04T01:00:00.000Z';
const BEFORE_EXPIRY = '2026-07-04T00:59:59.999Z';
const billing: m.Billing = {
  companyName: '見本橋梁建設株式会社',
  department: '',
  postalCode: '980-0000',
  address: '宮城県仙台市見本1-2-3',
  phone: '022-000-0000',
  contactName: '見本 花子',
};

const seller = {
  name: '見本認証株式会社',
  registrationNumber: 'T0000000000000',
  postalCode: '100-0000',
  address: '東京都千代田区見本1-1-1',
  phone: '03-0000-0000',
  bankAccount: '見本銀行 本店 普通 0000000',
};

const { given } = specify(purchaseDecider);
const started = m.ticketPurchaseStarted({
  purchaseId,
  companyCode: 'EX001',
  contactMail: 'billing@example.com',
  linkId: 'link-1',
  expiresAt: EXPIRES,
});
const opened = m.purchaseLinkOpened({ purchaseId });
const chosen = m.deliveryTypeChosen({ purchaseId, type: 'DIRECT' });
const line = (termYears: number, quantity: number, unitPriceYen: number): m.OrderLine => ({
  termYears,
  quantity,
  unitPriceYen,
  subtotalYen: quantity * unitPriceYen,
});
const lines = [line(1, 2, 3_000), line(2, 1, 4_500), line(3, 0, 6_000)];
const entered = m.orderDetailsEntered({ purchaseId, billing, lines, totalYen: 10_500 });
const placed = m.ticketOrderPlaced({
  purchaseId,
  orderNo: '20260701-F0F0F0F0',
  companyCode: 'EX001',
  contactMail: 'billing@example.com',
  billing,
  lines,
  totalYen: 10_500,
  fulfilmentDueAt: '2026-07-01T05:00:00.000Z',
});
const issued = m.ticketsIssued({ purchaseId, companyCode: 'EX001', tickets: [{ ticketId: 't', termYears: 1 }] });
const invoiced = m.invoiceIssued({
  purchaseId,
  invoiceNo: 'INV-2026-000001',
  issuedOn: '2026-07-01',
  totalYen: 10_500,
  taxPercent: 10,
  taxYen: 1_050,
  grandTotalYen: 11_550,
  paymentDueOn: '2026-07-31',
  seller,
});
const at = (now: string) => ({ now });
const STAFF: Actor = { kind: 'backOffice', id: 's1', name: 'back.office' };
const byStaff = { by: STAFF };
const bySystem = { by: SYSTEM };
const dueAt = (now: string) => ({ now, by: SYSTEM });
const want = (...quantities: readonly number[]) =>
  m.enterOrderDetails({
    purchaseId,
    billing,
    quantities: quantities.map((quantity, index) => ({ termYears: index + 1, quantity })),
  });

describe('the purchase link', () => {
  it('lives three days from its sending, however often it is sent', () => {
    const sentAt = '2026-07-01T02:00:00.000Z';
    const sent = m.purchaseLinkSent({ purchaseId, sentAt, expiresAt: '2026-07-04T02:00:00.000Z' });
    given(started)
      .when(m.recordPurchaseMailSent({ purchaseId, kind: 'link', sentAt }), bySystem)
      .then(sent);
    given(started, sent)
      .when(m.recordPurchaseMailSent({ purchaseId, kind: 'link', sentAt: '2026-07-02T02:00:00.000Z' }), bySystem)
      .thenNothing();
  });

  it('of a purchase that is over gets no new life by a mail that comes late', () => {
    const late = m.recordPurchaseMailSent({ purchaseId, kind: 'link', sentAt: '2026-07-05T00:00:00.000Z' });
    given(started, m.ticketPurchaseExpired({ purchaseId, dueAt: EXPIRES }))
      .when(late, bySystem)
      .thenNothing();
    given(started, opened, chosen, entered, placed).when(late, bySystem).thenNothing();
  });

  it('opens until a millisecond before its end, and not at its end', () => {
    const open = m.openPurchaseLink({ purchaseId });
    given(started).when(open, at(BEFORE_EXPIRY)).then(opened);
    given(started, opened).when(open, at(BEFORE_EXPIRY)).thenNothing();
    given(started).when(open, at(EXPIRES)).thenRefused('PURCHASE_LINK_EXPIRED');
    given(started, opened, chosen, entered)
      .when(m.placeTicketOrder({ purchaseId }), at(EXPIRES))
      .thenRefused('PURCHASE_LINK_EXPIRED');
  });

  it('expires once, at the recorded deadline and not because a timer says so', () => {
    const expire = m.expireTicketPurchase({ purchaseId, deadline: EXPIRES });
    const expired = m.ticketPurchaseExpired({ purchaseId, dueAt: EXPIRES });
    given(started).when(expire, dueAt(BEFORE_EXPIRY)).thenNothing();
    given(started, opened).when(expire, dueAt(EXPIRES)).then(expired);
    given(started, expired).when(expire, dueAt(EXPIRES)).thenNothing();
    given(started, opened, chosen, entered, placed).when(expire, dueAt(EXPIRES)).thenNothing();
    given(started, expired).when(m.openPurchaseLink({ purchaseId }), at(EXPIRES)).thenRefused('PURCHASE_LINK_EXPIRED');
  });

  it('of a placed order opens nothing any more', () =>
    given(started, opened, chosen, entered, placed)
      .when(m.openPurchaseLink({ purchaseId }), at(LINK_AT))
      .thenRefused('PURCHASE_LINK_USED'));
});

describe('the order', () => {
  it.each([
    [[0, 0, 1], 6_000],
    [[2, 1, 0], 10_500],
    [[1, 1, 1], 13_500],
  ])('of %j costs %i yen without tax', (quantities, totalYen) => {
    const { outcome } = given(started, opened, chosen).when(want(...quantities), at(LINK_AT));
    expect(outcome.events).toMatchObject([{ data: { totalYen } }]);
  });

  it('of nothing is refused', () =>
    given(started, opened, chosen)
      .when(want(0, 0, 0), at(LINK_AT))
      .thenRefused('VALIDATION_FAILED'));

  it('goes step by step', () => {
    given(started)
      .when(m.chooseDeliveryType({ purchaseId, type: 'DIRECT' }), at(LINK_AT))
      .thenRefused('ORDER_STATE', { status: 'LinkSent' });
    given(started, opened).when(want(1), at(LINK_AT)).thenRefused('DELIVERY_TYPE_FIRST');
    given(started, opened, chosen)
      .when(m.placeTicketOrder({ purchaseId }), at(LINK_AT))
      .thenRefused('ORDER_DETAILS_FIRST');
  });

  it('is placed once, at the prices that were confirmed, and due after four business hours', () => {
    const place = m.placeTicketOrder({ purchaseId });
    const { outcome } = given(started, opened, chosen, entered).when(place, at(LINK_AT));
    expect(outcome.events).toEqual([
      m.ticketOrderPlaced({ ...placed.data, orderNo: expect.stringMatching(/^20260701-[0-9A-F]{8}$/) as never }),
    ]);
    given(started, opened, chosen, entered, placed).when(place, at(LINK_AT)).thenNothing();
  });
});

describe('the fulfilment', () => {
  const ordered = [started, opened, chosen, entered, placed] as const;
  const fulfil = m.fulfilTicketOrder({ purchaseId, invoiceNo: 'INV-2026-000001', seller });

  it('issues a ticket per certificate and an invoice with the tax', () => {
    const { outcome } = given(...ordered).when(fulfil, { now: '2026-07-01T03:00:00.000Z', ...byStaff });
    const [tickets, invoice] = outcome.events as [typeof issued, typeof invoiced];
    expect(tickets.data.tickets.map(({ termYears }) => termYears)).toEqual([1, 1, 2]);
    expect(new Set(tickets.data.tickets.map(({ ticketId }) => ticketId)).size).toBe(3);
    expect(invoice).toEqual(invoiced);
  });

  it('happens once, and only to an order', () => {
    given(...ordered, issued, invoiced)
      .when(fulfil, byStaff)
      .thenRefused('ORDER_STATE', { status: 'Fulfilled' });
    given(started, opened).when(fulfil, byStaff).thenRefused('ORDER_STATE', { status: 'Entering' });
    given().when(fulfil, byStaff).thenRefused('NOT_FOUND');
  });

  it('that comes too late is flagged once, at the due time', () => {
    const due = placed.data.fulfilmentDueAt;
    const flag = m.flagOverdueOrder({ purchaseId, deadline: due });
    const overdue = m.ticketOrderOverdue({ purchaseId, dueAt: due });
    given(...ordered)
      .when(flag, dueAt('2026-07-01T04:59:59.999Z'))
      .thenNothing();
    given(...ordered)
      .when(flag, dueAt(due))
      .then(overdue);
    given(...ordered, overdue)
      .when(flag, dueAt(due))
      .thenNothing();
    given(...ordered, issued, invoiced)
      .when(flag, dueAt(due))
      .thenNothing();
  });

  it('is not paid before the day of its invoice', () =>
    given(...ordered, issued, invoiced)
      .when(m.markInvoicePaid({ purchaseId, paidOn: '2026-06-30' }), byStaff)
      .thenRefused('VALIDATION_FAILED'));

  it('is paid once', () => {
    const pay = m.markInvoicePaid({ purchaseId, paidOn: '2026-07-20' });
    const paid = m.invoicePaid({ purchaseId, invoiceNo: 'INV-2026-000001', paidOn: '2026-07-20' });
    given(...ordered)
      .when(pay, byStaff)
      .thenRefused('ORDER_STATE');
    given(...ordered, issued, invoiced)
      .when(pay, byStaff)
      .then(paid);
    given(...ordered, issued, invoiced, paid)
      .when(pay, byStaff)
      .thenRefused('ORDER_STATE', { status: 'Paid' });
  });
});

describe('what is not the buyer’s to say', () => {
  const ordered = [started, opened, chosen, entered, placed] as const;
  const OTHERS = ['user', 'anonymous', 'auditor', 'program'] as const;
  const desk = [
    m.fulfilTicketOrder({ purchaseId, invoiceNo: 'INV-2026-000001', seller }),
    m.markInvoicePaid({ purchaseId, paidOn: '2026-07-20' }),
  ];
  const processes = [
    m.expireTicketPurchase({ purchaseId, deadline: EXPIRES }),
    m.flagOverdueOrder({ purchaseId, deadline: EXPIRES }),
    m.recordPurchaseMailSent({ purchaseId, kind: 'acceptance', sentAt: LINK_AT }),
  ];

  it.each([...OTHERS, 'system'] as const)('EC-23, EC-24 %s neither fulfils an order nor takes a payment', (kind) => {
    for (const command of desk)
      given(...ordered, issued, invoiced)
        .when(command, { by: { kind, id: 'x', name: 'x' } })
        .thenRefused('NOT_PERMITTED', { permission: 'back office' });
  });

  it.each([...OTHERS, 'backOffice'] as const)('%s makes no deadline come and no mail sent', (kind) => {
    for (const command of processes)
      given(...ordered)
        .when(command, { by: { kind, id: 'x', name: 'x' }, now: '2026-08-01T00:00:00.000Z' })
        .thenRefused('NOT_PERMITTED', { permission: 'system' });
  });

  it('EC-23 a day on which the house is closed does not count for the due time', () => {
    // Wednesday at 16:30 in Japan; three and a half of the four hours are left, and Thursday is the house's own holiday.
    const { outcome } = given(started, opened, chosen, entered).when(m.placeTicketOrder({ purchaseId }), {
      now: '2026-07-01T07:30:00.000Z',
      days: { holidays: ['2026-07-02'] },
    });
    expect(outcome.events[0]!.data).toMatchObject({ fulfilmentDueAt: '2026-07-03T03:30:00.000Z' });
  });
});
