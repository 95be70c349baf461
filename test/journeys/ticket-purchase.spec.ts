import { randomUUID } from 'node:crypto';
import { beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import readXlsx from 'read-excel-file/node';
import { inJapan } from '../../src/kernel/calendar.js';
import { TicketLookups } from '../../src/contexts/tickets/lookups.js';
import type { Browser } from '../kit/browser.js';
import { kept } from '../kit/golden-histories.js';
import { Issuance } from '../kit/issuance.js';
import { attachmentOf } from '../kit/mails.js';
import { COMPANY, preparedPartners } from '../kit/partners.js';
import { BILLING, Purchases, PURCHASES, quantities, someone } from '../kit/purchases.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let staff: Browser;
let purchases: Purchases;
beforeAll(async () => {
  running = await startForTests();
  ({ staff } = await preparedPartners(running));
  purchases = new Purchases(running);
}, 60_000);
afterAll(() => running.stop());

describe('buying tickets', () => {
  it('EC-13 the purchase page shows the manual and the bar at its first step', async () => {
    const { body } = await running.browser().get(PURCHASES);
    expect(body.progress[0]).toEqual({ step: 'enterContact', state: 'current' });
    const manual = await running.browser().get(body.manual.replace('/api/v1/', ''));
    expect(manual.status).toBe(200);
    expect(manual.body).toContain('チケット購入の手引き');
  });

  it('EC-14 an address gets one mail with a link; what is no address gets none', async () => {
    const { mail, letter } = await purchases.begun();
    expect(await running.mailbox(mail)).toHaveLength(1);
    expect(letter.links).toHaveLength(1);
    const { status, body } = await running.browser().post(PURCHASES, { companyCode: COMPANY, contactMail: 'billing@' });
    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ field: 'contactMail', rule: 'mail' })]);
    expect(await running.mailbox('billing@')).toHaveLength(0);
  });

  it('EC-14 a request that comes again with its key gets the first answer, and one mail goes out', async () => {
    const contactMail = someone();
    const headers = { 'idempotency-key': randomUUID() };
    const post = (over: object = {}, remoteAddress = '192.0.2.1') =>
      running.browser().post(PURCHASES, { companyCode: COMPANY, contactMail, ...over }, { headers, remoteAddress });
    const first = await post();
    expect(first.status).toBe(201);
    expect((await post()).body).toEqual(first.body);
    expect(await running.mailbox(contactMail)).toHaveLength(1);
    const other = await post({ contactMail: someone() });
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    // Who else happens to choose the same key means a purchase of their own.
    const elsewhere = await post({ contactMail: someone() }, '192.0.2.77');
    expect(elsewhere.status).toBe(201);
    expect(elsewhere.body.id).not.toBe(first.body.id);
  });

  it('EC-14 an unknown company buys nothing', async () => {
    const { status, body } = await running.browser().post(PURCHASES, { companyCode: 'NOBODY', contactMail: someone() });
    expect([status, body.code]).toEqual([422, 'COMPANY_CODE_UNKNOWN']);
  });

  it('EC-16 the delivery type must be chosen, and the confirm page repeats it', async () => {
    const purchase = await purchases.begun();
    await purchase.open();
    for (const type of [null, '', 'POST', 'direct']) expect((await purchase.choose(type)).status).toBe(400);
    expect((await purchase.enter({ ...BILLING, ...quantities(1, 0, 0) })).body.code).toBe('DELIVERY_TYPE_FIRST');
    expect((await purchase.choose()).status).toBe(200);
    const { body } = await purchase.see();
    expect(body.deliveryType).toBe('DIRECT');
    expect(body.deliveryTypes[0].en).toContain('for those who sign after logging in');
  });

  it('EC-17 nothing ordered is refused, and so is another company code', async () => {
    const purchase = await purchases.begun();
    await purchase.open();
    await purchase.choose();
    const none = await purchase.enter({ ...BILLING, ...quantities(0, 0, 0) });
    expect(none.status).toBe(400);
    expect(none.body.errors).toEqual([expect.objectContaining({ rule: 'QUANTITY_REQUIRED' })]);
    const other = await purchase.enter({ ...BILLING, ...quantities(0, 0, 1), companyCode: 'EX002' });
    expect(other.status).toBe(400);
    expect((await purchase.see()).body.companyCode).toBe(COMPANY);
  });

  it.each([
    ['companyName', ''],
    ['postalCode', ''],
    ['postalCode', '98-0000'],
    ['postalCode', '980-00000'],
    ['address', '   '],
    ['phone', ''],
    ['phone', '022(000)0000'],
    ['contactName', ''],
    ['oneYear', -1],
    ['oneYear', 1.5],
    ['twoYears', 101],
    ['threeYears', '1'],
  ])('EC-17 %s may not be %j', async (field, value) => {
    const purchase = await purchases.begun();
    await purchase.open();
    await purchase.choose();
    const { status, body } = await purchase.enter({ ...BILLING, ...quantities(0, 0, 1), [field]: value });
    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ field })]);
  });

  it.each([{ department: '' }, { department: undefined }, { postalCode: '9800000' }])(
    'EC-17 %j is accepted',
    async (over) => {
      const purchase = await purchases.begun();
      await purchase.open();
      await purchase.choose();
      expect((await purchase.enter({ ...BILLING, ...quantities(0, 0, 1), ...over })).status).toBe(200);
    },
  );

  it.each([
    [quantities(0, 0, 1), [0, 0, 6_000], 6_000],
    [quantities(2, 1, 0), [6_000, 4_500, 0], 10_500],
    [quantities(1, 1, 1), [3_000, 4_500, 6_000], 13_500],
  ])('EC-18, EC-19 for %j the server reckons %j, in all %i yen', async (wanted, subtotals, totalYen) => {
    const { body } = await running.browser().post(`${PURCHASES}/calculation`, wanted);
    expect(body.lines.map(({ subtotalYen }: { subtotalYen: number }) => subtotalYen)).toEqual(subtotals);
    expect(body.totalYen).toBe(totalYen);
  });

  it('EC-19 a total that the browser sends is refused, and the stored one stays right', async () => {
    const purchase = await purchases.begun();
    await purchase.open();
    await purchase.choose();
    expect((await purchase.enter({ ...BILLING, ...quantities(1, 1, 1), totalYen: 1 })).status).toBe(400);
    await purchase.enter({ ...BILLING, ...quantities(1, 1, 1) });
    expect((await purchase.see()).body.totalYen).toBe(13_500);
  });

  it('EC-20 the confirm page has everything, and going back keeps it', async () => {
    const purchase = await purchases.entered(0, 0, 1);
    const { body } = await purchase.see();
    expect(body).toMatchObject({ companyCode: COMPANY, deliveryType: 'DIRECT', billing: BILLING, totalYen: 6_000 });
    expect(body.lines.map(({ quantity }: { quantity: number }) => quantity)).toEqual([0, 0, 1]);
    expect(body.actions).toContain('placeOrder');
  });

  it('EC-21 pressing twice places one order', async () => {
    const purchase = await purchases.entered(0, 0, 1);
    const [one, two] = await Promise.all([purchase.order(), purchase.order()]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.orderNo).toBe(two.body.orderNo);
    const { body } = await staff.get(`back-office/ticket-orders?orderNo=${one.body.orderNo}`);
    expect(body.items).toHaveLength(1);
    expect((await purchase.open()).status).toBe(410);
    const { body: seen } = await purchase.see();
    expect(seen).toMatchObject({ status: 'Ordered', orderNo: one.body.orderNo, totalYen: 6_000, billing: null });
    expect(seen.lines.map(({ quantity }: { quantity: number }) => quantity)).toEqual([0, 0, 1]);
  });

  it('EC-22 the contact gets one acceptance notice with lines and total, and no ticket number', async () => {
    const { mail, orderNo } = await purchases.ordered(2, 1, 0);
    const notices = (await running.mailbox(mail)).filter(({ subject }) => subject === '注文受付のご案内');
    expect(notices).toHaveLength(1);
    for (const part of [orderNo, '1年物', '2年物', '3年物', '合計金額(税別): ¥10,500'])
      expect(notices[0]!.text).toContain(part);
    expect(notices[0]!.attachments).toHaveLength(0);
    expect(notices[0]!.text).not.toMatch(/[0-9A-Z]{5}-[0-9A-Z]{5}-/);
  });
});

describe('buying without end', () => {
  it('EC-14 gets the same answer and no more mails than a person needs', async () => {
    const mail = someone();
    const answers = [];
    for (let asked = 0; asked < 7; asked += 1)
      answers.push(await running.browser().post(PURCHASES, { companyCode: COMPANY, contactMail: mail }));
    expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(201));
    expect(await running.mailbox(mail)).toHaveLength(5);
  });
});

describe('fulfilling orders', () => {
  it('EC-23 one mail brings the tickets as a workbook and the invoice as a PDF, once', async () => {
    const { id, mail, orderNo } = await purchases.ordered(2, 1, 0);
    const { status, body } = await staff.post(`back-office/ticket-orders/${id}/fulfilment`, {});
    expect(status).toBe(201);
    const notices = (await running.mailbox(mail)).filter(({ attachments }) => attachments.length > 0);
    expect(notices).toHaveLength(1);
    expect(notices[0]!.attachments.map(({ fileName }) => fileName)).toEqual([
      `tickets-${orderNo}.xlsx`,
      `invoice-${body.invoiceNo}.pdf`,
    ]);
    const [sheet] = await readXlsx(await attachmentOf(running.service.app, notices[0]!, 0));
    const [, ...rows] = sheet!.data;
    expect(rows.map(([, term, code]) => [term, code])).toEqual([
      ['1年', COMPANY],
      ['1年', COMPANY],
      ['2年', COMPANY],
    ]);
    const facts = await running.service.app.get(TicketLookups).byNumber(String(rows[2]![0]));
    expect(facts).toMatchObject({ companyCode: COMPANY, termYears: 2, status: 'unused' });
    const pdf = await attachmentOf(running.service.app, notices[0]!, 1);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');

    const again = await staff.post(`back-office/ticket-orders/${id}/fulfilment`, {});
    expect([again.status, again.body.code]).toEqual([409, 'ORDER_STATE']);
    expect((await running.mailbox(mail)).filter(({ attachments }) => attachments.length > 0)).toHaveLength(1);
    const order = await staff.get(`back-office/ticket-orders/${id}`);
    await kept(running, 'ticket-purchase-fulfilled', id);
    expect(order.body.invoice).toMatchObject({
      totalYen: 10_500,
      taxPercent: 10,
      taxYen: 1_050,
      grandTotalYen: 11_550,
    });
    expect((await staff.get(`back-office/ticket-orders/${id}/invoice`)).status).toBe(200);
  });

  it('EC-23 a repeated request gets the first answer, and numbers of invoices have no gap', async () => {
    const [one, two] = [await purchases.ordered(1, 0, 0), await purchases.ordered(1, 0, 0)];
    const key = { headers: { 'idempotency-key': randomUUID() } };
    const first = await staff.post(`back-office/ticket-orders/${one.id}/fulfilment`, {}, key);
    const repeated = await staff.post(`back-office/ticket-orders/${one.id}/fulfilment`, {}, key);
    expect([repeated.status, repeated.body]).toEqual([201, first.body]);
    const second = await staff.post(`back-office/ticket-orders/${two.id}/fulfilment`, {});
    const numberOf = (invoiceNo: string) => Number(invoiceNo.slice(-6));
    expect(numberOf(second.body.invoiceNo)).toBe(numberOf(first.body.invoiceNo) + 1);
  });

  it('EC-24 a ticket is used before anybody has paid, and the payment is recorded all the same', async () => {
    const { id, mail } = await purchases.ordered(1, 0, 0);
    await staff.post(`back-office/ticket-orders/${id}/fulfilment`, {});
    const notice = (await running.mailbox(mail)).find(({ attachments }) => attachments.length > 0)!;
    const [sheet] = await readXlsx(await attachmentOf(running.service.app, notice, 0));
    const number = String(sheet!.data[1]![0]);
    const { ticketId } = (await running.service.app.get(TicketLookups).byNumber(number))!;
    const site = new Issuance(running);
    await site.register({ ticketId, number });
    expect(await site.ticketState({ ticketId, number })).toBe('reserved');
    const paidOn = inJapan(running.clock.now()).slice(0, 10);
    expect((await staff.post(`back-office/ticket-orders/${id}/payment`, { paidOn })).status).toBe(200);
    const events = await running.service.events.read(`ticketOrder-${id}`);
    expect(events.at(-1)).toMatchObject({ type: 'tickets.InvoicePaid', data: { paidOn } });
  });

  it('EC-24 an invoice is paid once, after the fulfilment', async () => {
    const { id } = await purchases.ordered(1, 0, 0);
    const today = inJapan(running.clock.now()).slice(0, 10);
    const paidOn = today;
    expect((await staff.post(`back-office/ticket-orders/${id}/payment`, { paidOn })).status).toBe(409);
    await staff.post(`back-office/ticket-orders/${id}/fulfilment`, {});
    for (const wrong of ['2026-02-30', '2199-01-01', '2020-01-01', 'today'])
      expect((await staff.post(`back-office/ticket-orders/${id}/payment`, { paidOn: wrong })).status).toBe(400);
    const { status, body } = await staff.post(`back-office/ticket-orders/${id}/payment`, { paidOn });
    expect(status).toBe(200);
    const order = await staff.get(`back-office/ticket-orders/${id}?minVersion=${body.version}`);
    expect(order.body).toMatchObject({ status: 'Paid', paidOn, actions: [] });
    await running.clock.settled();
    const { items } = (await staff.get(`back-office/history?target=${id}&limit=100`)).body;
    const byStaff = items.filter(({ actor }: { actor: { loginId: string } }) => actor.loginId === 'back.office');
    expect(byStaff.map(({ operation, result }: Record<string, string>) => [operation, result])).toEqual([
      ['tickets.MarkInvoicePaid', 'success'],
      ['tickets.FulfilTicketOrder', 'success'],
      ['tickets.GiveInvoiceNumber', 'success'],
    ]);
  });

  it('only staff see orders', async () => {
    const { id } = await purchases.ordered(1, 0, 0);
    for (const path of ['back-office/ticket-orders', `back-office/ticket-orders/${id}`])
      expect((await running.browser().get(path)).status).toBe(401);
  });

  it('EC-15 wrong and unknown links open nothing, and cannot be told from dead ones', async () => {
    const { id } = await purchases.begun();
    const other = running.browser();
    for (const token of ['', '0'.repeat(64), 'x'])
      expect((await other.get(`${PURCHASES}/${id}/link?onetimetoken=${token}`)).status).toBe(410);
    expect((await other.get(`${PURCHASES}/${randomUUID()}/link?onetimetoken=${'0'.repeat(64)}`)).status).toBe(410);
  });

  it('EC-15 whoever tries tokens leaves a line, and no token in it; however often they try, the history is not filled', async () => {
    const { id, see } = await purchases.begun();
    expect((await see()).status).toBe(200);
    const token = 'ab'.repeat(32);
    const guess = () => running.browser('192.0.2.99').get(`${PURCHASES}/${id}`, { headers: { 'x-link-token': token } });
    for (let tries = 0; tries < 12; tries += 1) expect((await guess()).status).toBe(410);
    await running.clock.settled();
    const operation = encodeURIComponent('GET /api/v1/e-contract/ticket-purchases/:purchaseId');
    const { items } = (await staff.get(`back-office/history?operation=${operation}&result=refused&limit=100`)).body;
    expect(items[0]).toMatchObject({
      code: 'PURCHASE_LINK_EXPIRED',
      actor: { kind: 'anonymous' },
      clientAddress: '192.0.2.99',
    });
    // Two where an hour began in between.
    expect(items.length).toBeLessThanOrEqual(2);
    expect(JSON.stringify(items)).not.toContain(token);
  });
});

describeWithMovableClock('deadlines of a purchase', () => {
  it('EC-15 the link opens until a millisecond before its three days are over', async () => {
    const purchase = await purchases.begun();
    const opened = await purchase.open();
    expect(opened.status).toBe(200);
    const end = new Date(opened.body.expiresAt);
    await running.clock.standAt(new Date(end.getTime() - 1));
    expect((await purchase.open()).status).toBe(200);
    await running.clock.standAt(end);
    const late = await purchase.open();
    expect([late.status, late.body.code]).toEqual([410, 'PURCHASE_LINK_EXPIRED']);
    expect(late.body.title).toContain('start again');
  });

  it('EC-15 a purchase that nobody finished expires by itself, and once', async () => {
    const purchase = await purchases.entered(0, 0, 1);
    await running.clock.advance('3d');
    // The timer begins when the process hears of the sending, so it ends as much later.
    await running.clock.advance('1m');
    const { body } = await purchase.see();
    expect(body).toMatchObject({ status: 'Expired', billing: null, totalYen: 0 });
    const { items } = (await (await running.staff()).get(`back-office/history?target=${purchase.id}&limit=100`)).body;
    const operations = items.map(({ operation }: { operation: string }) => operation);
    expect(operations.filter((name: string) => name === 'tickets.ExpireTicketPurchase')).toHaveLength(1);
    expect((await purchase.order()).body.code).toBe('PURCHASE_LINK_EXPIRED');
    await kept(running, 'ticket-purchase-expired', purchase.id);
  });

  it('EC-15 a purchase that nobody finished is spoken of again a day before its link dies, and an order is not', async () => {
    const waiting = await purchases.begun();
    const placed = await purchases.ordered(0, 0, 1);
    const { body } = await waiting.open();
    const reminderAt = new Date(body.expiresAt).getTime() - 86_400_000;
    await running.clock.advance(reminderAt - 60_000 - running.clock.now().getTime());
    expect(await running.mailbox(waiting.mail)).toHaveLength(1);
    await running.clock.advance('2m');
    const [first, reminder, ...more] = await running.mailbox(waiting.mail);
    expect(more).toEqual([]);
    expect(reminder!.subject).toContain('再送');
    expect(reminder!.links[0]!.href).toBe(first!.links[0]!.href);
    expect(reminder!.text).toContain(inJapan(new Date(body.expiresAt)).slice(0, 10).replaceAll('-', '/'));
    await running.clock.advance('2d');
    expect((await waiting.see()).body.status).toBe('Expired');
    expect(await running.mailbox(waiting.mail)).toHaveLength(2);
    const subjects = (await running.mailbox(placed.mail)).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.includes('再送'))).toEqual([]);
    await kept(running, 'ticket-purchase-expired-reminded', waiting.id);
  });

  it('EC-23 an order that waits too long is flagged, and fulfilled all the same', async () => {
    const { id, version } = await purchases.ordered(0, 0, 1);
    const before = await (await running.staff()).get(`back-office/ticket-orders/${id}?minVersion=${version}`);
    expect(before.body.overdue).toBe(false);
    await running.clock.advance('8d');
    const fresh = await running.staff();
    const { body } = await fresh.get('back-office/ticket-orders?overdue=true&limit=100');
    expect(body.items).toContainEqual(expect.objectContaining({ id, overdue: true, status: 'Ordered' }));
    expect((await fresh.post(`back-office/ticket-orders/${id}/fulfilment`, {})).status).toBe(201);
    expect((await fresh.get(`back-office/ticket-orders/${id}?minVersion=${version + 4}`)).body.overdue).toBe(true);
    await running.clock.settled();
    await kept(running, 'ticket-purchase-overdue', id);
  });
});
