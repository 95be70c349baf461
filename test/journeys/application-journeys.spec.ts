import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { dayOf } from '../../src/kernel/calendar.js';
import { Pki } from '../../src/platform/pki/pki.js';
import { eventually } from '../kit/eventually.js';
import {
  AGENT_MAIL,
  expectStatus,
  HOLDER_MAIL,
  type Issuance,
  orderedBy,
  PIN,
  startIssuance,
  type Ticket,
} from '../kit/issuance.js';
import { type Partners, registrant } from '../kit/partners.js';
import { Purchases } from '../kit/purchases.js';
import { describeWithMovableClock, type RunningService } from '../kit/service.js';

// Weeks pass in here, and a busy machine takes its time for that.
jest.setTimeout(120_000);

let running: RunningService;
let partners: Partners;
let site: Issuance;
beforeAll(async () => {
  ({ running, partners, site } = await startIssuance());
  await partners.company('B20001', 'Another Company');
  await partners.office('B20001', null, [registrant('admin@example.com', ['GROUP_ADMINISTRATOR', 'SIGNER'])]);
}, 60_000);
afterAll(() => running.stop());

const statusOf = async (applicationId: string): Promise<string> => {
  await running.clock.settled();
  // Days have passed: nobody is logged in for so long.
  const staff = await running.staff();
  return ((await staff.get(`back-office/applications/${applicationId}`)).body as { status: string }).status;
};

/** Month and day of Fridays whose next Monday and Tuesday are never a holiday in Japan, whatever the year: from, to. */
const PLAIN_FRIDAYS = [
  ['01-17', '02-05'],
  ['02-25', '03-14'],
  ['03-23', '04-23'],
  ['05-08', '07-08'],
  ['08-13', '09-09'],
  ['10-15', '10-28'],
  ['11-05', '11-18'],
  ['11-25', '12-23'],
] as const;
const DAY_MS = 86_400_000;

/** Ten in the morning of such a Friday at least two days ahead, and the midnight in which the Tuesday after it begins. */
const plainFriday = (now: Date) => {
  for (let days = 2; ; days += 1) {
    const day = new Date(now.getTime() + 9 * 3_600_000 + days * DAY_MS).toISOString().slice(0, 10);
    const isPlain = PLAIN_FRIDAYS.some(([from, to]) => from <= day.slice(5) && day.slice(5) <= to);
    if (!isPlain || new Date(`${day}T00:00:00Z`).getUTCDay() !== 5) continue;
    const friday = new Date(`${day}T10:00:00+09:00`);
    return { friday, tuesday: new Date(new Date(`${day}T00:00:00+09:00`).getTime() + 4 * DAY_MS) };
  }
};

/** The last second, in Japan, of the day before the same date some years later. */
const endOfTerm = (friday: Date, years: number): string => {
  const [year, month, day] = friday.toISOString().slice(0, 10).split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year + years, month - 1, day - 1)).toISOString().slice(0, 10);
  return new Date(`${last}T23:59:59+09:00`).toISOString();
};
const certificateOf = async (applicationId: string): Promise<X509Certificate> =>
  new X509Certificate((await running.service.app.get(Pki).register.kept('signing', applicationId))!);
/** A ticket of three years, bought as anybody buys one. */
const bought = async () => (await new Purchases(running).bought(0, 0, 1)) as [Ticket];

describeWithMovableClock('from the ticket to the certificate', () => {
  it('EC-33, EC-56, EC-59 journey 1: agent, holder, LRA, usable on the second business day', async () => {
    const [ticket] = await bought();
    const { begun, visitor } = await site.linked(ticket);
    await running.clock.advance('23h');
    expectStatus(await visitor.click(), 200);
    expectStatus(await visitor.upload(), 201);
    expectStatus(await visitor.check(), 200);
    expectStatus(await visitor.summary(), 200);
    expectStatus(await visitor.submit(), 201);
    const holder = await site.visitorFrom(HOLDER_MAIL, begun.id);
    await running.clock.advance('1d');
    expectStatus(await holder.click(), 200);
    expectStatus(await holder.holderSummary(), 200);
    expectStatus(await holder.approve({ withoutSummary: false }), 200);
    const { friday, tuesday } = plainFriday(running.clock.now());
    await running.clock.advance(friday.getTime() - running.clock.now().getTime());
    await orderedBy(await running.staff(), begun.id);
    expect(await statusOf(begun.id)).toBe('Issued');
    for (const to of [AGENT_MAIL, HOLDER_MAIL])
      expect((await running.mailbox(to)).filter(({ subject }) => subject.includes('発行完了'))).toHaveLength(1);
    expect(await site.ticketState(ticket)).toBe('consumed');
    const certificate = await certificateOf(begun.id);
    expect(certificate.subject.split('\n')).toContain('CN=BN-Mihon.Taro');
    expect(certificate.validToDate.toISOString()).toBe(endOfTerm(friday, 3));

    const signer = () => partners.as('A1000101');
    const tested = async () => (await signer()).post('e-contract/users/A1000101/certificate/test', { pin: PIN });
    await running.clock.standAt(new Date(tuesday.getTime() - 1));
    expect(await tested()).toMatchObject({ status: 422, body: { code: 'CERTIFICATE_NOT_ACTIVE' } });
    expect(await statusOf(begun.id)).toBe('Issued');
    await running.clock.standAt(tuesday);
    const section = await (await signer()).get('e-contract/users/A1000101/certificate');
    expect(section.body.others).toMatchObject([{ status: 'active' }]);
    await running.clock.advance('5s');
    expect(await tested()).toMatchObject({ status: 200, body: { result: 'succeeded' } });
    expect(await statusOf(begun.id)).toBe('Active');
    const staff = await running.staff();
    const { body } = await staff.get(`back-office/history?target=${begun.id}&limit=100&order=oldest`);
    const lines = body.items as { actor: { kind: string; id: string }; operation: string }[];
    expect(
      new Set(lines.map(({ actor }) => `${actor.kind} ${actor.kind === 'anonymous' ? actor.id : ''}`.trim())),
    ).toEqual(new Set(['anonymous applicant', 'anonymous A1000101', 'backOffice', 'system']));
    expect(JSON.stringify(body)).not.toContain(ticket.number);
  });

  it('EC-36 journey 2: the agent is too late, and registers the same ticket anew', async () => {
    const [ticket] = await bought();
    const { begun, visitor } = await site.linked(ticket, { mail: 'second@example.com' });
    await running.clock.advance('3d');
    await running.clock.advance('1m');
    expect(await statusOf(begun.id)).toBe('Expired');
    expect(await visitor.click()).toMatchObject({ status: 410, body: { code: 'LINK_EXPIRED' } });
    expect(await site.ticketState(ticket)).toBe('unused');
    const again = await site.linked(ticket, { mail: 'second@example.com' });
    expect(await again.visitor.click()).toMatchObject({ status: 200 });
  });

  it('EC-49 journey 3: the holder is too late, the ticket is free, the agent is told', async () => {
    const [ticket] = await bought();
    const { begun } = await site.submitted(ticket, { mail: 'third@example.com' });
    await running.clock.advance('3d');
    await running.clock.advance('1m');
    expect(await statusOf(begun.id)).toBe('Expired');
    expect(await site.ticketState(ticket)).toBe('unused');
    const [, told] = await running.mailbox('third@example.com');
    expect(told!.subject).toContain('有効期限が切れました');
    expect(dayOf(running.clock.now())).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it('EC-34 journey 10: nobody of another company sees an application, a ticket or a document', async () => {
    const ticket = await site.ticket();
    const { begun, visitor } = await site.submitted(ticket, { mail: 'tenth@example.com' });
    const stranger = await partners.as('B2000101');
    const foreign = await site.submitted(await site.ticket(), { mail: 'foreign@example.com' });
    const path = `e-contract/issuance/applications/${begun.id}`;
    for (const headers of [{}, { 'x-application-key': foreign.begun.key }, { 'x-link-token': foreign.visitor.token }]) {
      expect(await stranger.get(path, { headers })).toMatchObject({ status: 404 });
      const asked = await stranger.post(`${path}/holder-link`, undefined, { headers });
      expect(asked.status).toBe(404);
    }
    for (const page of ['link', 'approval'])
      expect(await stranger.get(`${path}/${page}?onetimetoken=${foreign.visitor.token}`)).toMatchObject({
        status: 404,
      });
    for (const hidden of [
      'back-office/applications',
      `back-office/applications/${begun.id}`,
      `back-office/applications/${begun.id}/identity-document`,
    ])
      expect((await stranger.get(hidden)).status).toBe(403);
    // What the own history tells of it is that the stranger reached for it, and was refused.
    const history = async () => {
      const { body } = await stranger.get('e-contract/history?limit=100');
      return body.items as { code: string; events: { type: string }[] }[];
    };
    const about = (items: readonly { code: string }[]) =>
      items.filter((line) => JSON.stringify(line).includes(begun.id)).map(({ code }) => code);
    // It is recorded beside the answer, which does not wait for it.
    const items = await eventually(history, (lines) => about(lines).length > 1);
    expect(about(items)).toEqual(['NOT_PERMITTED', 'NOT_PERMITTED']);
    for (const { events } of items)
      for (const { type } of events) expect(type).not.toMatch(/^(applications|tickets|certificates)\./);
    expect(await visitor.click()).toMatchObject({ status: 410 });
  });
});
