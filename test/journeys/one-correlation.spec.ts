import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operationHistory } from '../../projections/operation-history/projection.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { Browser } from '../kit/browser.js';
import { expectStatus, Issuance, orderedBy, prepareIssuance, type Ticket } from '../kit/issuance.js';
import { PAPERS, type Partners, registrant } from '../kit/partners.js';
import { Purchases } from '../kit/purchases.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

jest.setTimeout(120_000);

let running: RunningService;
let partners: Partners;
let site: Issuance;
beforeAll(async () => {
  running = await startForTests();
  partners = await prepareIssuance(running);
  site = new Issuance(running);
}, 60_000);
afterAll(() => running.stop());

type Line = { id: string; operation: string; actor: { kind: string }; correlationId: string };

/** Everything in the store that names one of these ids in its facts. */
const eventsAbout = async (...ids: readonly string[]): Promise<Recorded[]> => {
  const found: Recorded[] = [];
  const feed = running.service.events.feed(null, operationHistory.typePrefixes);
  feed.onCaughtUp(() => setTimeout(() => void feed.stop(), 100));
  for await (const { recorded } of feed.events) {
    const facts = JSON.stringify(recorded?.data ?? null);
    if (recorded && ids.some((id) => facts.includes(`"${id}"`))) found.push(recorded);
  }
  return found;
};

/** As an auditor would ask: one id, the whole story. */
const storyOf = async (browser: Browser, correlationId: string, last: string): Promise<Line[]> => {
  const path = `back-office/history?correlationId=${correlationId}&order=oldest&limit=100`;
  for (let left = 500; ; left -= 1) {
    const lines = (await browser.get(path)).body.items as Line[];
    if (lines.some(({ operation }) => operation === last)) return lines;
    if (left === 0) throw new Error(`no ${last} among ${lines.map(({ operation }) => operation).join(', ')}`);
    await wait(20);
  }
};

/** Nothing of the process stands under another id, and nothing of it is missing in the story. */
const expectWhole = (events: readonly Recorded[], lines: readonly Line[], correlationId: string) => {
  const strays = events.filter(({ metadata }) => metadata.$correlationId !== correlationId);
  expect(strays.map(({ type, metadata }) => `${type} under ${metadata.$correlationId}`)).toEqual([]);
  const told = new Set(lines.map(({ id }) => id));
  expect(events.filter(({ metadata }) => !told.has(metadata.$causationId))).toEqual([]);
};

describe('the whole history of a process under one correlation', () => {
  it('from one request of the back office over the notice to the fact that it was sent', async () => {
    await partners.company('EX820');
    const correlation = randomUUID();
    const office = { ...PAPERS, registrants: [registrant('told@example.com')] };
    const made = await partners.staff.send('POST', 'back-office/partners/EX820/groups', office, {
      headers: { 'x-correlation-id': correlation },
    });
    const [userId] = (expectStatus(made, 201).body as { userIds: string[] }).userIds;
    const lines = await storyOf(await running.staff(), correlation, 'partners.RecordRegistrationNoticeSent');
    expectWhole(await eventsAbout(userId!), lines, correlation);
    expect(lines.map(({ actor, operation }) => `${actor.kind} ${operation}`)).toEqual([
      'backOffice partners.RegisterPartnerGroup',
      'system notifications.RequestNotification',
      'system notifications.RecordNotificationSent',
      'system partners.RecordRegistrationNoticeSent',
    ]);
  });
});

describeWithMovableClock('the whole history of a long process under one correlation', () => {
  it('from the purchase to the tickets, and from the registration to the certificate in use', async () => {
    const [ticket] = (await new Purchases(running).bought(0, 0, 1)) as [Ticket];
    const { begun, holder } = await site.submitted(ticket);
    expectStatus(await holder.approve(), 200);
    await orderedBy(await running.staff(), begun.id);
    await running.clock.settled();
    // Days later, by a timer.
    await running.clock.advance('9d');
    await running.clock.settled();

    const application = await eventsAbout(begun.id);
    const issued = application.find(({ type }) => type === 'certificates.CertificateIssued')!;
    const { certificateId } = issued.data as { certificateId: string };
    const events = await eventsAbout(begun.id, certificateId);
    const staff = await running.staff();
    const lines = await storyOf(staff, begun.id, 'applications.RecordCertificateActivated');
    expectWhole(events, lines, begun.id);
    expect(lines.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining([
        'tickets.ReserveTicket',
        'tickets.ConsumeTicket',
        'notifications.RequestNotification',
        'notifications.RecordNotificationSent',
        'applications.RecordLinkSent',
        'certificates.ActivateCertificate',
      ]),
    );

    const [reserved] = application.filter(({ type }) => type === 'tickets.TicketReserved');
    const { ticketId } = reserved!.data as { ticketId: string };
    const [issuedTicket] = (await eventsAbout(ticketId)).filter(({ type }) => type === 'tickets.TicketIssued');
    const { $correlationId: purchaseId } = issuedTicket!.metadata;
    const bought = await storyOf(staff, purchaseId, 'tickets.IssueTicket');
    expectWhole(await eventsAbout(purchaseId), bought, purchaseId);
    expect(bought.map(({ operation }) => operation)).toContain('notifications.RecordNotificationSent');
  });
});
