import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { notificationIdOf } from '../../src/contexts/notifications/messages.js';
import { Links } from '../../src/platform/access/links.js';
import {
  AGENT_MAIL,
  type Begun,
  expectStatus,
  HOLDER_MAIL,
  type Issuance,
  orderedBy,
  startIssuance,
  Visitor,
} from '../kit/issuance.js';
import { describeWithMovableClock, type RunningService } from '../kit/service.js';
import { type SmtpSink, smtpSink } from '../kit/smtp-sink.js';

const PUBLIC_URL = 'https://portal.example.com';
const LATER = { at: 'data', code: 451, text: 'greylisted, try again' } as const;

let sink: SmtpSink;
let running: RunningService;
let site: Issuance;
beforeAll(async () => {
  sink = await smtpSink();
  const mailing = { SMTP_URL: sink.url, MAIL_FROM: 'Shomei <no-reply@example.com>', PUBLIC_URL };
  ({ running, site } = await startIssuance(mailing));
  await running.clock.settled();
}, 120_000);
afterAll(async () => {
  await running.stop();
  await sink.stop();
});
beforeEach(() => sink.behave(null));

const historyOf = (stream: string) => running.service.events.read(stream);
const factsOf = async <T>(applicationId: string, name: string): Promise<T[]> =>
  (await historyOf(`application-${applicationId}`))
    .filter(({ type }) => type === `applications.${name}`)
    .map(({ data }) => data as T);
const tokenOf = (linkId: string) => running.service.app.get(Links).tokenOf(linkId);

/** Whoever has the newest link of this kind, whether or not its mail has come. */
const visitorBy = async ({ id }: Begun, issued: 'ApplicationLinkIssued' | 'HolderLinkIssued'): Promise<Visitor> => {
  const links = await factsOf<{ linkId: string }>(id, issued);
  const token = tokenOf(links.at(-1)!.linkId);
  return new Visitor(site, id, token, new URL(`${PUBLIC_URL}/?onetimetoken=${token}`));
};
const submitted = async (): Promise<Begun> => {
  const begun = await site.register(await site.ticket());
  await (await visitorBy(begun, 'ApplicationLinkIssued')).apply();
  return begun;
};
const taken = (to: string, part: string) =>
  sink.taken.filter((mail) => mail.to.includes(to) && mail.mail.text!.includes(part));
const notification = async (id: string) =>
  (await (await running.staff()).get(`back-office/notifications/${id}`)).body as { status: string; reason: string };
const resent = async (id: string) => {
  expect((await (await running.staff()).post(`back-office/notifications/${id}/resend`, {})).status).toBeLessThan(300);
  await running.clock.settled();
  return notification(id);
};
const DEAD = { status: 'failed', reason: 'the link is not in force any more' };

describeWithMovableClock('mails that come late', () => {
  it('EC-49 a holder’s link that was replaced before its mail could leave is sent to nobody', async () => {
    sink.behave(LATER);
    const begun = await submitted();
    await running.clock.advance('30m');
    expectStatus(await begun.requestHolderLink(), 202);
    sink.behave(null);
    await running.clock.advance('1h');
    const [first, second] = await factsOf<{ linkId: string }>(begun.id, 'HolderLinkIssued');
    expect(taken(HOLDER_MAIL, tokenOf(first!.linkId))).toEqual([]);
    expect(taken(HOLDER_MAIL, tokenOf(second!.linkId))).toHaveLength(1);
    const sent = await factsOf<{ linkId: string; expiresAt: string }>(begun.id, 'HolderLinkSent');
    expect(sent.map(({ linkId }) => linkId)).toEqual([second!.linkId]);
    const { deadlines } = (await begun.status()).body as { deadlines: { kind: string; at: string }[] };
    expect(deadlines.map(({ at }) => Date.parse(at))).toEqual([Date.parse(sent[0]!.expiresAt)]);
    const kind = 'applications.holderApprovalRequest';
    expect(await notification(notificationIdOf(begun.id, kind, first!.linkId))).toMatchObject(DEAD);
  });

  it('EC-35, EC-49 a link that has died or has done its work is not sent again', async () => {
    const begun = await submitted();
    await running.clock.settled();
    const [own] = await factsOf<{ linkId: string }>(begun.id, 'ApplicationLinkIssued');
    const before = taken(AGENT_MAIL, tokenOf(own!.linkId)).length;
    expect(await resent(notificationIdOf(begun.id, 'applications.applicationLink', own!.linkId))).toMatchObject(DEAD);
    expect(taken(AGENT_MAIL, tokenOf(own!.linkId))).toHaveLength(before);
    const [link] = await factsOf<{ linkId: string }>(begun.id, 'HolderLinkIssued');
    const request = notificationIdOf(begun.id, 'applications.holderApprovalRequest', link!.linkId);
    // While it lives the holder may have it again.
    expect(await resent(request)).toMatchObject({ status: 'sent' });
    await running.clock.advance('73h');
    for (const id of [request, notificationIdOf(begun.id, 'applications.linkReminder', link!.linkId)])
      expect(await resent(id)).toMatchObject(DEAD);
    // The first one, its repetition and the reminder.
    expect(taken(HOLDER_MAIL, tokenOf(link!.linkId))).toHaveLength(3);
  });

  it('EC-15 a purchase link is not sent when it has died', async () => {
    const contactMail = 'buyer@example.com';
    const { body } = await running.browser().post('e-contract/ticket-purchases', { companyCode: 'EX001', contactMail });
    const id = notificationIdOf(body.id as string, 'tickets.purchaseLink', 'contact');
    await running.clock.settled();
    expect(await resent(id)).toMatchObject({ status: 'sent' });
    await running.clock.advance('73h');
    expect(await resent(id)).toMatchObject(DEAD);
    const subjects = sink.taken.filter(({ to }) => to.includes(contactMail)).map(({ mail }) => mail.subject);
    const link = '電子証明書発行チケット ご購入手続きのご案内';
    // As it went out, as it was asked for again, and the reminder a day before the end; nothing after that.
    expect(subjects).toEqual([link, link, `【再送】${link}`]);
  });

  it('EC-07 a reset link is not sent when it has died', async () => {
    await running.browser().post('e-contract/password-resets', { userId: 'A1000101' });
    await running.clock.settled();
    const issued = (await historyOf('partner-A10001')).findLast(({ type }) =>
      type.endsWith('PasswordResetLinkIssued'),
    )!;
    const { linkId } = issued.data as { linkId: string };
    const id = notificationIdOf(linkId, 'partners.password-reset', HOLDER_MAIL);
    expect(await resent(id)).toMatchObject({ status: 'sent' });
    await running.clock.advance('25h');
    expect(await resent(id)).toMatchObject(DEAD);
    expect(taken(HOLDER_MAIL, tokenOf(linkId))).toHaveLength(2);
  });

  it.each([
    ['no completed mail could be delivered', LATER, []],
    ['nobody knows whether a completed mail arrived', 'take and say nothing', ['unconfirmed', 'unconfirmed']],
  ] as const)('EC-58, EC-59 where %s, the days count from when that was clear', async (_, behaviour, doubtful) => {
    const begun = await submitted();
    expectStatus(await (await visitorBy(begun, 'HolderLinkIssued')).approve(), 200);
    await running.clock.settled();
    sink.behave(behaviour);
    const staff = await running.staff();
    await orderedBy(staff, begun.id);
    await running.clock.settled();
    const [issued] = await factsOf<{ certificateId: string }>(begun.id, 'CertificateIssued');
    const certificate = async () =>
      (await historyOf(`certificate-${issued!.certificateId}`)).map(({ type }) => type.split('.')[1]);
    await running.clock.advance('23h');
    expect(await certificate()).toEqual(['CertificateIssued']);
    await running.clock.advance('2h');
    expect(await certificate()).toEqual(['CertificateIssued', 'CertificateActivationScheduled']);
    const path = `back-office/notifications?processId=${begun.id}&kind=applications.issuanceCompleted&state=unconfirmed`;
    const { body } = await (await running.staff()).get(path);
    expect(body.items.map(({ status }: { status: string }) => status)).toEqual(doubtful);
    await running.clock.advance('12d');
    expect((await begun.status()).body.status).toBe('Active');
    expect(await factsOf(begun.id, 'IssuanceCompletedNoticeSent')).toEqual([]);
  });
});
