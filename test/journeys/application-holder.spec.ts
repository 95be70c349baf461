import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AGENT_MAIL,
  type Begun,
  expectStatus,
  HOLDER_MAIL,
  type Issuance,
  PIN,
  startIssuance,
  type Visitor,
} from '../kit/issuance.js';
import type { Answer } from '../kit/browser.js';
import { entered } from '../kit/application-data.js';
import type { RunningService } from '../kit/service.js';
import { vaultEntries } from '../kit/vault-entries.js';

let running: RunningService;
let site: Issuance;
let begun: Begun;
let holder: Visitor;
beforeAll(async () => {
  ({ running, site } = await startIssuance());
}, 60_000);
beforeEach(async () => {
  ({ begun, holder } = await site.submitted(await site.ticket()));
});
afterAll(() => running.stop());

const faults = ({ status, body }: Answer) => [
  status,
  ...body.errors.map(({ field, rule }: { field: string; rule: string }) => `${field}:${rule}`),
];
const code = ({ status, body }: Answer) => [status, body.code];
const historyOf = (id: string) => running.service.events.read(`application-${id}`);
const typesOf = async (id: string) => (await historyOf(id)).map(({ type }) => type.split('.')[1]);
const mailsSince = async (to: string, count: number) => (await running.mailbox(to)).slice(count);
const mailCount = async (to: string) => (await running.mailbox(to)).length;

describe('the approval page', () => {
  it('EC-50 shows all eleven items and who applied, to read only', async () => {
    const { status, body } = await holder.click();
    expect(status).toBe(200);
    expect(body.details).toEqual(entered());
    expect(body).toMatchObject({ identityDocument: 'card.pdf', appliedBy: AGENT_MAIL, commonName: 'BN-Mihon.Taro' });
    expect(body.request.en).toContain('Issuance starts once it is approved');
    expect(body.frame.progress.holder[1]).toEqual({ step: 'approveApplication', state: 'current' });
  });

  it.each(['Abcd1234Efg', 'Abcd1234Efghi', 'Abcd1234Efg!', 'Ａbcd1234Efgh', 'Abcd 234Efgh', '', null])(
    'EC-51 the PIN %j is refused, for the approval and for the download',
    async (pin) => {
      for (const answer of [await holder.approve({ pin }), await holder.holderSummary(pin)]) {
        expect(answer.status).toBe(400);
        for (const { field } of answer.body.errors) expect(field).toBe('pin');
      }
      expect((await begun.status(8)).body.status).toBe('AwaitingHolderApproval');
    },
  );

  it.each(['Abcd1234Efgh', 'abcdefghijkl', '123456789012'])('EC-51 the PIN %s is accepted', async (pin) =>
    expect(await holder.approve({ pin })).toMatchObject({ status: 200, body: { status: 'UnderReview' } }),
  );

  it('EC-53 the download has everything and the PIN; what is recorded of it has not', async () => {
    const { status, body, headers } = await holder.holderSummary();
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    for (const value of [...Object.values(entered()), PIN, 'card.pdf', AGENT_MAIL]) expect(body).toContain(value);
    expect(await typesOf(begun.id)).toContain('HolderSummaryDownloaded');
    expect(JSON.stringify(await historyOf(begun.id))).not.toContain(PIN);
  });

  it('EC-53 whoever approves without a download is asked whether to save the content first', async () => {
    const asked = await holder.approve({ withoutSummary: false });
    expect(code(asked)).toEqual([409, 'SUMMARY_NOT_SAVED']);
    expect(asked.body.title).toContain('Save the content first?');
    expect((await begun.status(8)).body.status).toBe('AwaitingHolderApproval');
    expectStatus(await holder.holderSummary(), 200);
    expect(await holder.approve({ withoutSummary: false })).toMatchObject({ status: 200 });
  });
});

describe('the approval', () => {
  it('EC-54 asks again; whoever cancels changes nothing; confirmed it is under review; it happens once', async () => {
    const before = (await historyOf(begun.id)).length;
    expect(code(await holder.approve({ confirmed: false }))).toEqual([409, 'APPROVAL_TO_CONFIRM']);
    expect((await historyOf(begun.id)).length).toBe(before);
    expect((await begun.status(8)).body.status).toBe('AwaitingHolderApproval');
    expect(await holder.approve()).toMatchObject({ status: 200, body: { status: 'UnderReview' } });
    expect(await holder.approve()).toMatchObject({
      status: 409,
      body: { code: 'APPLICATION_STATE', params: { status: 'UnderReview' } },
    });
  });

  it('EC-54 whoever lost the answer asks again with the same key and gets the first one; the key stands for this alone', async () => {
    const key = { 'idempotency-key': 'approval-1' };
    const keys = async () => (await vaultEntries(running)).filter(({ purpose }) => purpose === 'holder-key').length;
    const before = await keys();
    const first = expectStatus(await holder.approve({}, key), 200);
    expect((await holder.approve({}, key)).body).toEqual(first.body);
    expect(await keys()).toBe(before + 1);
    expect(code(await holder.approve({ pin: 'Zyxw9876Vuts' }, key))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(code(await holder.approve({ withoutSummary: false }, key))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(code(await holder.approve({}, { 'idempotency-key': 'approval-2' }))).toEqual([409, 'APPLICATION_STATE']);
    const approvals = (await typesOf(begun.id)).filter((type) => type === 'IssuanceApplicationApprovedByHolder');
    expect(approvals).toHaveLength(1);
    // The same key at another link is another's.
    const other = await site.submitted(await site.ticket());
    expectStatus(await other.holder.approve({}, key), 200);
  });

  it('EC-54 of two approvals at once one holds, and one key is kept', async () => {
    const keys = async () => (await vaultEntries(running)).filter(({ purpose }) => purpose === 'holder-key').length;
    const before = await keys();
    const answers = await Promise.all([holder.approve(), holder.approve({ pin: 'Zyxw9876Vuts' })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await keys()) - before).toBe(1);
  });

  it('EC-52 the PIN stands nowhere: not in the store, the vault, the logs, the read models, the mails', async () => {
    const pin = 'Needle123Pin';
    expectStatus(await holder.holderSummary(pin), 200);
    const { body } = expectStatus(await holder.approve({ pin }), 200);
    const staff = await running.staff();
    const shown = await staff.get(
      `back-office/applications/${begun.id}?minVersion=${(body as { version: number }).version}`,
    );
    const history = await staff.get(`back-office/history?target=${begun.id}&limit=100`);
    const places = {
      events: await historyOf(begun.id),
      vault: await vaultEntries(running),
      log: running.logged(),
      item: shown.body,
      history: history.body,
      mails: await running.mailbox(),
    };
    for (const [place, content] of Object.entries(places))
      expect([place, JSON.stringify(content).includes(pin)]).toEqual([place, false]);
  });

  it('EC-52 no route changes, resets or shows a PIN', async () => {
    const { payload } = await running.service.app.inject('/api/v1/openapi.json');
    const routes = Object.keys((JSON.parse(payload) as { paths: object }).paths);
    expect(routes.length).toBeGreaterThan(50);
    expect(routes.filter((path) => /\bpins?\b|passcode/i.test(path))).toEqual([]);
  });

  it('EC-55 the holder gets one "accepted" mail, the agent none', async () => {
    const before = [await mailCount(AGENT_MAIL), await mailCount(HOLDER_MAIL)] as const;
    const { body } = expectStatus(await holder.approve(), 200);
    expect((body as { message: { ja: string } }).message.ja).toContain('受け付けました');
    const mails = await mailsSince(HOLDER_MAIL, before[1]);
    expect(mails.map(({ subject }) => subject)).toEqual([expect.stringContaining('申請を受け付けました')]);
    expect(await mailsSince(AGENT_MAIL, before[0])).toEqual([]);
    expect(await typesOf(begun.id)).toContain('ApplicationAcceptedNoticeSent');
  });

  it('EC-54 the holder may reject: the ticket is free, the applicant is told why, nothing of the holder is kept', async () => {
    const before = await mailCount(AGENT_MAIL);
    for (const nothing of [' ', null]) expect(faults(await holder.reject(nothing))).toEqual([400, 'reason:required']);
    expect(await holder.reject('I did not ask for this.')).toMatchObject({ status: 200 });
    const [told, ...more] = await mailsSince(AGENT_MAIL, before);
    expect(more).toEqual([]);
    expect(told!.text).toContain('I did not ask for this.');
    expect(await typesOf(begun.id)).toEqual(
      expect.arrayContaining([
        'IssuanceApplicationRejectedByHolder',
        'IdentityDocumentDeleted',
        'ApplicationEndedNoticeSent',
      ]),
    );
    expect((await begun.status(10)).body.status).toBe('RejectedByHolder');
    for (const answer of [await holder.approve(), await holder.reject()]) expect(answer.status).toBe(409);
    expect((await holder.click()).status).toBe(410);
  });
});

describe('an application in person', () => {
  const self = { applicantType: 'self', mail: HOLDER_MAIL };

  it('EC-60 goes on to PIN and approval in the same session, without a second mail', async () => {
    const { begun: own, visitor } = await site.linked(await site.ticket(), self);
    const before = await mailCount(HOLDER_MAIL);
    const { body } = await visitor.apply();
    expect(body).toMatchObject({ status: 'HolderInSession' });
    expect(body.frame.progress.holder[1]).toEqual({ step: 'approveApplication', state: 'current' });
    expect(await visitor.openApproval()).toMatchObject({ status: 200, body: { appliedBy: HOLDER_MAIL } });
    expect(await mailCount(HOLDER_MAIL)).toBe(before);
    expectStatus(await visitor.holderSummary(), 200);
    expect(await visitor.approve({ withoutSummary: false })).toMatchObject({
      status: 200,
      body: { status: 'UnderReview' },
    });
    expect((await mailsSince(HOLDER_MAIL, before)).map(({ subject }) => subject)).toEqual([
      expect.stringContaining('申請を受け付けました'),
    ]);
    expect((await typesOf(own.id)).filter((type) => type!.startsWith('Holder'))).toEqual(['HolderSummaryDownloaded']);
  });

  it("EC-60 another holder's mail is refused", async () => {
    const { visitor } = await site.linked(await site.ticket(), self);
    expectStatus(await visitor.upload(), 201);
    const other = { holderMail: 'other@example.com' };
    for (const answer of [await visitor.check(other), await visitor.submit(other)])
      expect(code(answer)).toEqual([422, 'HOLDER_MAIL_DIFFERS']);
  });

  it('EC-60 the three days of the application mail bound the approval, too', async () => {
    const ticket = await site.ticket();
    const { begun: own, visitor } = await site.linked(ticket, self);
    await visitor.apply();
    const sent = (await historyOf(own.id)).find(({ type }) => type === 'applications.ApplicationLinkSent')!;
    const { expiresAt } = sent.data as { expiresAt: string };
    await running.clock.standAt(new Date(Date.parse(expiresAt) - 1));
    expect(await visitor.openApproval()).toMatchObject({ status: 200 });
    await running.clock.standAt(expiresAt);
    expect(await visitor.approve()).toMatchObject({ status: 410, body: { code: 'LINK_EXPIRED' } });
    await running.clock.advance('1m');
    expect((await own.status(8)).body.status).toBe('Expired');
    expect(await site.ticketState(ticket)).toBe('unused');
  });
});
