import { randomUUID } from 'node:crypto';
import readXlsx from 'read-excel-file/node';
import { TicketLookups } from '../../src/contexts/tickets/lookups.js';
import { attachmentOf } from './mails.js';
import { COMPANY } from './partners.js';
import type { RunningService } from './service.js';

export const PURCHASES = 'e-contract/ticket-purchases';
export const BILLING = {
  companyName: '見本橋梁建設株式会社',
  department: '総務部',
  postalCode: '980-0000',
  address: '宮城県仙台市見本1-2-3',
  phone: '022-000-0000',
  contactName: '見本 花子',
};
/** Of one, two and three years. */
export type Wanted = readonly [number, number, number];

export const quantities = (oneYear: number, twoYears: number, threeYears: number) => ({
  oneYear,
  twoYears,
  threeYears,
});
export const someone = () => `${randomUUID().slice(0, 8)}@example.com`;

const expectStatus = ({ status, body }: { status: number; body: unknown }, expected: number) => {
  if (status !== expected) throw new Error(`${status} instead of ${expected}: ${JSON.stringify(body)}`);
};

/** Contacts who buy tickets, page after page. */
export class Purchases {
  constructor(private readonly running: RunningService) {}

  /** A contact on the way through a purchase, with the link out of the mail. */
  async begun(mail = someone()) {
    const buyer = this.running.browser();
    const answer = await buyer.post(PURCHASES, { companyCode: COMPANY, contactMail: mail });
    expectStatus(answer, 201);
    const [letter] = await this.running.mailbox(mail);
    const link = letter!.links[0]!;
    const token = link.searchParams.get('onetimetoken')!;
    const headers = { headers: { 'x-link-token': token } };
    const { id } = answer.body as { id: string };
    return {
      id,
      mail,
      letter: letter!,
      open: () => buyer.get(`${link.pathname.replace('/api/v1/', '')}${link.search}`),
      see: () => buyer.get(`${PURCHASES}/${id}`, headers),
      choose: (type: unknown = 'DIRECT') => buyer.post(`${PURCHASES}/${id}/delivery-type`, { type }, headers),
      enter: (details: object) => buyer.post(`${PURCHASES}/${id}/details`, details, headers),
      order: () => buyer.post(`${PURCHASES}/${id}/order`, {}, headers),
    };
  }

  async entered(...wanted: Wanted) {
    const purchase = await this.begun();
    await purchase.open();
    await purchase.choose();
    expectStatus(await purchase.enter({ ...BILLING, ...quantities(...wanted) }), 200);
    return purchase;
  }

  async ordered(...wanted: Wanted) {
    const purchase = await this.entered(...wanted);
    const answer = await purchase.order();
    expectStatus(answer, 201);
    return { ...purchase, ...(answer.body as { orderNo: string; version: number }), id: purchase.id };
  }

  /** The tickets as the contact finds them in the workbook of the mail, after the back office fulfilled the order. */
  async bought(...wanted: Wanted): Promise<readonly Readonly<{ ticketId: string; number: string }>[]> {
    const { id, mail } = await this.ordered(...wanted);
    expectStatus(await (await this.running.staff()).post(`back-office/ticket-orders/${id}/fulfilment`, {}), 201);
    const { app } = this.running.service;
    const notice = (await this.running.mailbox(mail)).find(({ attachments }) => attachments.length > 0)!;
    const [sheet] = await readXlsx(await attachmentOf(app, notice, 0));
    const numbers = sheet!.data.slice(1).map(([number]) => String(number));
    const facts = await Promise.all(numbers.map((number) => app.get(TicketLookups).byNumber(number)));
    return numbers.map((number, n) => ({ number, ticketId: facts[n]!.ticketId }));
  }
}
