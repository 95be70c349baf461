import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { AGENT_MAIL, expectStatus, HOLDER_MAIL, type Issuance, startIssuance, type Ticket } from '../kit/issuance.js';
import { kept } from '../kit/golden-histories.js';
import { describeWithMovableClock, type RunningService } from '../kit/service.js';

const HOUR_MS = 3_600_000;
const LIFE_MS = 72 * HOUR_MS;

let running: RunningService;
let site: Issuance;
let ticket: Ticket;
beforeAll(async () => {
  ({ running, site } = await startIssuance());
}, 60_000);
beforeEach(async () => {
  ticket = await site.ticket();
});
afterAll(() => running.stop());

const historyOf = (applicationId: string) => running.service.events.read(`application-${applicationId}`);
const typesOf = async (applicationId: string) => (await historyOf(applicationId)).map(({ type }) => type.split('.')[1]);
const ticketTypes = async () =>
  (await running.service.events.read(`ticket-${ticket.ticketId}`)).map(({ type }) => type.split('.')[1]);
const factOf = async <T>(applicationId: string, name: string): Promise<T> =>
  (await historyOf(applicationId)).findLast(({ type }) => type === `applications.${name}`)!.data as T;
const expiryOf = async (applicationId: string, name: string): Promise<number> =>
  Date.parse((await factOf<{ expiresAt: string }>(applicationId, name)).expiresAt);
/** How the process of the first reservation of this ticket went. */
const keptReservation = async (name: string) => {
  const [, reserved] = await running.service.events.read(`ticket-${ticket.ticketId}`);
  await kept(running, name, `reservation.${reserved!.id}`);
};
const mailsAbout = async (to: string, applicationId: string) =>
  (await running.mailbox(to)).filter(({ text }) => text.includes(applicationId));

describeWithMovableClock('links and deadlines', () => {
  it('EC-35 the mail has the subject, the link with 64 hex digits, the three days, what to do after them, and the LRA', async () => {
    const { begun, visitor } = await site.linked(ticket);
    const [mail, ...more] = await mailsAbout(AGENT_MAIL, begun.id);
    expect(more).toEqual([]);
    const { certificateBrand, lra } = running.config.issuance;
    expect(mail!.subject).toBe(`${certificateBrand}証明書オンライン申請登録のご案内`);
    expect(mail!.text).toContain('ありがとうございます');
    expect(mail!.text).toContain('3日間');
    expect(mail!.text).toContain('申請登録をやり直してください');
    expect(mail!.text).toContain(lra.name);
    expect(visitor.link.search).toMatch(/onetimetoken=[0-9a-f]{64}(&|$)/);
    expect(await visitor.click()).toMatchObject({ status: 200, body: { id: begun.id, applicantMail: AGENT_MAIL } });
  });

  it('EC-35, EC-33 the token stands in no event, no notification and no log', async () => {
    const { begun, visitor } = await site.linked(ticket);
    const staff = await running.staff();
    const { body } = await staff.get('back-office/notifications?limit=100');
    const mine = body.items.find(({ processId }: { processId: string }) => processId === begun.id);
    const shown = await staff.get(`back-office/notifications/${mine.id}`);
    const recorded = await running.service.events.read(`notification-${mine.id}`);
    for (const place of [await historyOf(begun.id), recorded, body, shown.body, running.logged()])
      expect(JSON.stringify(place)).not.toContain(visitor.token);
  });

  it('EC-35 the link lives 72 hours from sending: a millisecond before it opens, at the moment it is dead', async () => {
    const { begun, visitor } = await site.linked(ticket);
    const { sentAt, expiresAt } = await factOf<{ sentAt: string; expiresAt: string }>(begun.id, 'ApplicationLinkSent');
    expect(Date.parse(expiresAt) - Date.parse(sentAt)).toBe(LIFE_MS);
    await running.clock.standAt(new Date(Date.parse(expiresAt) - 1));
    expect(await visitor.click()).toMatchObject({ status: 200, body: { status: 'EnteringDetails' } });
    expect(await visitor.upload()).toMatchObject({ status: 201 });
    await running.clock.standAt(expiresAt);
    for (const answer of [await visitor.click(), await visitor.upload(), await visitor.submit()])
      expect(answer).toMatchObject({ status: 410, body: { code: 'LINK_EXPIRED' } });
    expect((await visitor.click()).body.title).toContain('register the application again');
  });

  it('EC-35 it can be opened as often as wanted until the submission', async () => {
    const { begun, visitor } = await site.linked(ticket);
    for (let time = 0; time < 3; time += 1) expectStatus(await visitor.click(), 200);
    expect((await typesOf(begun.id)).filter((type) => type === 'ApplicationLinkOpened')).toHaveLength(1);
  });

  it('EC-36 after three days the application expires, the ticket is free, the applicant is told and registers again', async () => {
    const late = 'late@example.com';
    const { begun, visitor } = await site.linked(ticket, { mail: late });
    await running.clock.advance(LIFE_MS - HOUR_MS);
    expect(await site.ticketState(ticket)).toBe('reserved');
    await running.clock.advance(2 * HOUR_MS);
    expect(await typesOf(begun.id)).toEqual([
      'UserDutiesAgreed',
      'ApplicationRegistered',
      'ApplicationLinkIssued',
      'ApplicationLinkSent',
      'LinkReminderSent',
      'ApplicationLinkExpired',
      'ApplicationExpired',
      'ApplicationEndedNoticeSent',
    ]);
    expect(await ticketTypes()).toEqual(['TicketIssued', 'TicketReserved', 'TicketReleased']);
    const { dueAt } = await factOf<{ dueAt: string }>(begun.id, 'ApplicationExpired');
    expect(Date.parse(dueAt)).toBe(await expiryOf(begun.id, 'ApplicationLinkSent'));
    expect(await visitor.click()).toMatchObject({ status: 410, body: { code: 'LINK_EXPIRED' } });
    expect((await begun.status(7)).body).toMatchObject({ status: 'Expired', actions: ['beginAgain'], deadlines: [] });
    const { certificateBrand: brand } = running.config.issuance;
    expect((await running.mailbox(late)).map(({ subject }) => subject)).toEqual([
      `${brand}証明書オンライン申請登録のご案内`,
      `【再度のご案内】${brand}証明書 お手続きの期限が近づいています`,
      `${brand}証明書発行申請の有効期限が切れました`,
    ]);
    const again = await site.linked(ticket);
    expect(await again.visitor.click()).toMatchObject({ status: 200 });
    expect(again.begun.id).not.toBe(begun.id);
  });

  it('EC-25 a ticket is usable again after its application expired', async () => {
    const first = await site.register(ticket);
    const rival = await site.agree();
    const data = rival.applicant(ticket);
    const confirm = async () => rival.confirm({ ...data, mailRepeat: data.mail, ...(await site.picture()) });
    expect(await confirm()).toMatchObject({ status: 422, body: { code: 'TICKET_NOT_USABLE' } });
    await running.clock.advance('3d');
    await running.clock.advance('1m');
    expect((await first.status(5)).body.status).toBe('Expired');
    expect(await confirm()).toMatchObject({ status: 200 });
  });

  it('EC-49 after three days without approval the application expires, the ticket is free, the agent is told', async () => {
    const mail = 'told@example.com';
    const { begun, holder } = await site.submitted(ticket, { mail });
    const expiresAt = await expiryOf(begun.id, 'HolderLinkSent');
    await running.clock.standAt(new Date(expiresAt - 1));
    expect(await holder.click()).toMatchObject({ status: 200 });
    await running.clock.standAt(new Date(expiresAt));
    expect(await holder.click()).toMatchObject({ status: 410, body: { code: 'LINK_EXPIRED' } });
    expect(await holder.approve()).toMatchObject({ status: 410, body: { code: 'LINK_EXPIRED' } });
    await running.clock.advance('1m');
    expect((await typesOf(begun.id)).slice(-4)).toEqual([
      'HolderLinkExpired',
      'ApplicationExpired',
      'IdentityDocumentDeleted',
      'ApplicationEndedNoticeSent',
    ]);
    expect(await site.ticketState(ticket)).toBe('unused');
    expect((await running.mailbox(mail)).map(({ subject }) => subject)).toEqual([
      expect.stringContaining('ご案内'),
      expect.stringContaining('有効期限が切れました'),
    ]);
  });

  it("EC-49 the agent's link opens nothing of the holder's, and the holder's nothing of the agent's", async () => {
    const { visitor, holder } = await site.submitted(ticket);
    for (const answer of [await visitor.openApproval(), await visitor.approve(), await visitor.holderSummary()])
      expect(answer).toMatchObject({ status: 404 });
    for (const answer of [await holder.open()]) expect(answer).toMatchObject({ status: 404 });
    for (const answer of [await holder.upload(), await holder.submit()]) expect(answer.status).toBe(409);
    expect(await visitor.click()).toMatchObject({ status: 410, body: { code: 'LINK_NO_LONGER_VALID' } });
  });

  it('EC-49 a new link for the holder kills the old one and has its own three days', async () => {
    const { begun, holder } = await site.submitted(ticket);
    await running.clock.advance('2d');
    const { status, body } = await begun.requestHolderLink();
    expect(status).toBe(202);
    const fresh = await site.visitorFrom(HOLDER_MAIL, begun.id);
    expect(fresh.token).not.toBe(holder.token);
    expect(await holder.click()).toMatchObject({ status: 410, body: { code: 'LINK_NO_LONGER_VALID' } });
    expect(await holder.approve()).toMatchObject({ status: 410 });
    await running.clock.advance('2d');
    expect(await fresh.click()).toMatchObject({ status: 200 });
    expect(Date.parse(body.expiresAt)).toBeLessThanOrEqual(await expiryOf(begun.id, 'HolderLinkSent'));
    expect(await fresh.approve()).toMatchObject({ status: 200, body: { status: 'UnderReview' } });
    expect(await begun.requestHolderLink()).toMatchObject({ status: 409 });
  });

  it('EC-36 a day before a link dies its receiver is reminded, once, with the same link', async () => {
    const { begun, visitor, holder } = await site.submitted(ticket);
    await running.clock.advance(47 * HOUR_MS);
    expect(await mailsAbout(HOLDER_MAIL, begun.id)).toHaveLength(1);
    await running.clock.advance(2 * HOUR_MS);
    const [, reminder, ...more] = await mailsAbout(HOLDER_MAIL, begun.id);
    expect(more).toEqual([]);
    expect(reminder!.subject).toContain('期限が近づいています');
    expect(reminder!.links[0]!.searchParams.get('onetimetoken')).toBe(holder.token);
    expect(await mailsAbout(AGENT_MAIL, begun.id)).toHaveLength(1);
    expect(visitor.token).not.toBe(holder.token);
  });

  it('EC-33 a ticket that was reserved by a registration that died is given back after ten minutes', async () => {
    const begun = await site.agree();
    const proof = await begun.confirmed(ticket);
    // As if the process had died between the two appends.
    await site.reserve(ticket, begun.id);
    expect(await site.ticketState(ticket)).toBe('reserved');
    await running.clock.advance('9m');
    expect(await site.ticketState(ticket)).toBe('reserved');
    await running.clock.advance('2m');
    expect(await site.ticketState(ticket)).toBe('unused');
    await keptReservation('ticket-reservation-given-back');
    const late = await begun.register({ ...begun.applicant(ticket), proof, agreed: true });
    expect(late).toMatchObject({ status: 409, body: { code: 'APPLICATION_STATE', params: { status: 'Abandoned' } } });
    expect(await site.ticketState(ticket)).toBe('unused');
    expect((await site.register(ticket)).version).toBeGreaterThan(0);
  });

  it('EC-33 a registration that followed within ten minutes keeps its ticket', async () => {
    const begun = await site.agree();
    const proof = await begun.confirmed(ticket);
    await site.reserve(ticket, begun.id);
    await running.clock.advance('9m');
    expectStatus(await begun.register({ ...begun.applicant(ticket), proof, agreed: true }), 201);
    await running.clock.advance('5m');
    expect(await site.ticketState(ticket)).toBe('reserved');
    await keptReservation('ticket-reservation-used');
  });

  it('EC-25, EC-33 what was confirmed twice and has ended reserves its ticket no more', async () => {
    const begun = await site.agree();
    const proofs = [];
    for (const mail of [AGENT_MAIL, 'other@example.com']) proofs.push([mail, await begun.confirmed(ticket, { mail })]);
    const registered = proofs.map(
      ([mail, proof]) =>
        () =>
          begun.register({ ...begun.applicant(ticket, { mail: mail! }), proof, agreed: true }),
    );
    expectStatus(await registered[0]!(), 201);
    const visitor = await site.visitorFrom(AGENT_MAIL, begun.id);
    await visitor.apply();
    expectStatus(await (await site.visitorFrom(HOLDER_MAIL, begun.id)).reject(), 200);
    await running.clock.settled();
    expect(await site.ticketState(ticket)).toBe('unused');
    expect(await registered[1]!()).toMatchObject({ status: 409, body: { code: 'APPLICATION_STATE' } });
    expect(await site.ticketState(ticket)).toBe('unused');
    // As if the process had died before it could give the ticket back.
    await site.reserve(ticket, begun.id);
    await running.clock.advance('11m');
    expect(await site.ticketState(ticket)).toBe('unused');
    expect((await site.register(ticket)).version).toBeGreaterThan(0);
  });

  it('EC-36 the service was down over the deadline: it expires once, on return, with the due time recorded', async () => {
    const late = 'late-service@example.com';
    const { begun, visitor } = await site.linked(ticket, { mail: late });
    const due = await expiryOf(begun.id, 'ApplicationLinkSent');
    await running.restart({ passes: '5d' });
    await running.clock.advance('1m');
    const ends = (await historyOf(begun.id)).filter(({ type }) => type === 'applications.ApplicationExpired');
    expect(ends).toHaveLength(1);
    expect(Date.parse((ends[0]!.data as { dueAt: string }).dueAt)).toBe(due);
    expect(Date.parse(ends[0]!.metadata.occurredAt)).toBeGreaterThan(due + HOUR_MS);
    expect(await site.ticketState(ticket)).toBe('unused');
    expect(await visitor.click()).toMatchObject({ status: 410 });
    await kept(running, 'certificate-application-expired-late', begun.id);
    // Nobody is reminded of a link that is dead.
    expect(await typesOf(begun.id)).not.toContain('LinkReminderSent');
    const { certificateBrand: brand } = running.config.issuance;
    expect((await running.mailbox(late)).map(({ subject }) => subject)).toEqual([
      `${brand}証明書オンライン申請登録のご案内`,
      `${brand}証明書発行申請の有効期限が切れました`,
    ]);
  });

  it('EC-36 the service was down over the reminder alone: the reminder comes late, and still in time', async () => {
    const late = 'still-in-time@example.com';
    const { begun } = await site.linked(ticket, { mail: late });
    await running.restart({ passes: '60h' });
    await running.clock.advance('1m');
    expect(await typesOf(begun.id)).toContain('LinkReminderSent');
    expect(await mailsAbout(late, begun.id)).toHaveLength(2);
  });
});
