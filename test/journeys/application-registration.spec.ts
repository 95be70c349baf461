import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DUTIES_VERSION } from '../../src/contexts/applications/duties.js';
import { Challenges } from '../../src/platform/challenges/challenges.js';
import type { Answer } from '../kit/browser.js';
import { AGENT_MAIL, type Begun, type Issuance, SITE, startIssuance } from '../kit/issuance.js';
import type { RunningService } from '../kit/service.js';

let running: RunningService;
let site: Issuance;
beforeAll(async () => {
  ({ running, site } = await startIssuance({
    LRA_NOTICES: '2026-06-01 手引きを改訂しました。|2026-07-01 定期保守のお知らせ',
  }));
}, 60_000);
afterAll(() => running.stop());

const faults = ({ status, body }: Answer) => [
  status,
  ...body.errors.map(({ field, rule }: { field: string; rule: string }) => `${field}:${rule}`),
];
const eventsOf = async (stream: string) => (await running.service.events.read(stream)).map(({ type }) => type);
const everythingRecorded = async (...streams: string[]) =>
  JSON.stringify(await Promise.all(streams.map((stream) => running.service.events.read(stream))));

describe('the duties and the frame', () => {
  it('EC-26 the frame has the links, the contact and both bars, the agent at the present step', async () => {
    const ticket = await site.ticket();
    const begun = await site.agree();
    const picture = await site.picture();
    const data = begun.applicant(ticket);
    const { body } = await begun.confirm({ ...data, mailRepeat: data.mail, ...picture });
    const { links, contact, notices } = body.frame;
    const { lra } = running.config.issuance;
    expect(contact).toEqual({ name: lra.name, contact: lra.contact });
    expect(contact.contact).not.toBe('');
    expect(notices).toEqual([
      { date: '2026-07-01', text: '定期保守のお知らせ' },
      { date: '2026-06-01', text: '手引きを改訂しました。' },
    ]);
    const manual = await site.browser.get(links.manual.replace('/api/v1/', ''));
    expect([manual.status, manual.body]).toEqual([200, expect.stringContaining('証明書発行申請の手引き')]);
    // It is there, and says what it wants.
    const revocation = await site.browser.post(links.revocation.replace('/api/v1/', ''), {});
    expect(revocation).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(body.frame.progress.agent.slice(0, 3)).toEqual([
      { step: 'applicantDetails', state: 'done' },
      { step: 'confirm', state: 'current' },
      { step: 'done', state: 'open' },
    ]);
    expect(body.frame.progress.holder.every(({ state }: { state: string }) => state === 'open')).toBe(true);
  });

  it('EC-27 the seven duties are shown, and agreeing to them is recorded with their version', async () => {
    const { body: page } = await site.browser.get(`${SITE}/duties`);
    expect(page.duties).toHaveLength(7);
    for (const { en, ja } of page.duties) expect([en.length > 40, ja.length > 20]).toEqual([true, true]);
    const begun = await site.agree();
    const [agreed] = await running.service.events.read(`application-${begun.id}`);
    expect(agreed).toMatchObject({
      type: 'applications.UserDutiesAgreed',
      data: { applicationId: begun.id, dutiesVersion: page.version },
      metadata: { actor: { kind: 'anonymous', id: 'applicant' } },
    });
  });

  it('EC-27 going on without agreeing is refused', async () => {
    const refused = await site.browser.post(`${SITE}/applications`, { dutiesVersion: DUTIES_VERSION, agreed: false });
    expect(faults(refused)).toEqual([400, 'agreed:agreement']);
    expect(faults(await site.browser.post(`${SITE}/applications`, { dutiesVersion: '1999', agreed: true }))).toEqual([
      400,
      'dutiesVersion:oneOf',
    ]);
    const ticket = await site.ticket();
    const begun = await site.agree();
    const foreign = await site.agree();
    const invented = { id: '11111111-1111-5111-8111-111111111111', key: 'a'.repeat(64) };
    for (const [id, key] of [
      [invented.id, invented.key],
      [begun.id, invented.key],
      [begun.id, foreign.key],
      [begun.id, ''],
    ]) {
      const answer = await site.browser.post(
        `${SITE}/applications/${id}/confirmation`,
        { ...begun.applicant(ticket), mailRepeat: AGENT_MAIL, ...(await site.picture()) },
        { headers: { 'x-application-key': key! } },
      );
      expect(answer).toMatchObject({ status: 403, body: { code: 'DUTIES_NOT_AGREED' } });
    }
  });

  it('EC-28 says that the LRA-registered operator handles the issuance, and how to reach it', async () => {
    const { name, contact } = running.config.issuance.lra;
    const { body } = await site.browser.get(`${SITE}/duties`);
    expect(body.handledBy.en).toContain(name);
    expect(body.handledBy.ja).toContain('LRA登録事業者');
    expect(body.frame.contact).toEqual({ name, contact });
  });

  it('EC-29 the applicant is one of two types', async () => {
    const ticket = await site.ticket();
    const begun = await site.agree();
    const filled = { ...begun.applicant(ticket), mailRepeat: AGENT_MAIL };
    const confirm = async (over: object) => begun.confirm({ ...filled, ...(await site.picture()), ...over });
    expect(faults(await confirm({ applicantType: '' }))).toEqual([400, 'applicantType:required']);
    expect(faults(await confirm({ applicantType: 'friend' }))).toEqual([400, 'applicantType:oneOf']);
    for (const applicantType of ['self', 'agent'])
      expect(await confirm({ applicantType })).toMatchObject({ status: 200, body: { applicantType } });
  });
});

describe('applicant confirmation details', () => {
  const confirm = async (begun: Begun, over: object) => {
    const data = begun.applicant(await site.ticket());
    return begun.confirm({ ...data, mailRepeat: data.mail, ...(await site.picture()), ...over });
  };

  it.each([
    ['EX-001', 'companyCode:noSymbol'],
    ['EX 001', 'companyCode:noSpace'],
    ['ＥＸ００１', 'companyCode:halfWidth'],
    ['', 'companyCode:required'],
  ])('EC-30 the company code %j is refused: %s', async (companyCode, fault) => {
    expect(faults(await confirm(await site.agree(), { companyCode }))).toEqual([400, fault]);
  });

  it('EC-30 names all that is wrong at once, and spends no picture on it', async () => {
    const begun = await site.agree();
    const picture = await site.picture();
    expect(faults(await begun.confirm({ ...picture, mail: 'a@', mailRepeat: 'b@' }))).toEqual([
      400,
      'applicantType:required',
      'companyCode:required',
      'ticketNumber:required',
      'mail:mail',
      'mailRepeat:repeatDiffers',
    ]);
    const data = begun.applicant(await site.ticket());
    expect(await begun.confirm({ ...data, mailRepeat: data.mail, ...picture })).toMatchObject({ status: 200 });
  });

  it('EC-30 the second mail address must be the first', async () => {
    const begun = await site.agree();
    const differing = await confirm(begun, { mail: 'a@example.com', mailRepeat: 'b@example.com' });
    expect(faults(differing)).toEqual([400, 'mailRepeat:repeatDiffers']);
  });

  it('EC-30 an unknown company code is refused', async () => {
    const answer = await confirm(await site.agree(), { companyCode: 'EX999' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'COMPANY_CODE_UNKNOWN' } });
  });

  it('EC-30 shows what was entered and asks for consent, surrounding spaces trimmed', async () => {
    const begun = await site.agree();
    const ticket = await site.ticket();
    const data = begun.applicant(ticket);
    const spaced = { ...data, companyCode: ' EX001 ', mail: ` ${AGENT_MAIL}`, ticketNumber: `${ticket.number} ` };
    const answer = await begun.confirm({ ...spaced, mailRepeat: AGENT_MAIL, ...(await site.picture()) });
    expect(answer).toMatchObject({
      status: 200,
      body: { companyCode: 'EX001', ticketNumber: ticket.number, mail: AGENT_MAIL },
    });
    expect(answer.body.consent.ja).toContain('個人情報の取扱い');
    expect(answer.body.mailFollows.en).toContain('mail');
    // Nothing of it is kept before the consent to the handling of personal data.
    expect(await eventsOf(`application-${begun.id}`)).toEqual(['applications.UserDutiesAgreed']);
  });

  it('EC-31 a used ticket, an invented one and a foreign one get the same answer', async () => {
    const used = await site.ticket();
    await site.register(used);
    const foreign = await site.ticket('EX002');
    const begun = await site.agree();
    const answers = [];
    for (const ticketNumber of [used.number, '00000-00000-00000-00000-000000', foreign.number, 'nonsense'])
      answers.push(await confirm(begun, { ticketNumber }));
    for (const { status, body } of answers) {
      expect({ status, code: body.code, title: body.title }).toEqual({
        status: 422,
        code: 'TICKET_NOT_USABLE',
        title: 'This ticket number cannot be used; check number and company code.',
      });
      expect(Object.keys(body).sort()).toEqual(Object.keys(answers[0]!.body).sort());
    }
    await running.clock.settled();
    const staff = await running.staff();
    const operation = encodeURIComponent('POST /api/v1/e-contract/issuance/applications/:applicationId/confirmation');
    const { items } = (await staff.get(`back-office/history?result=refused&operation=${operation}`)).body;
    expect(items[0]).toMatchObject({ code: 'TICKET_NOT_USABLE', actor: { kind: 'anonymous' } });
    expect(JSON.stringify(items)).not.toContain(foreign.number);
  });

  it('EC-32 the characters of the picture may be typed in small letters or capitals', async () => {
    for (const change of [(t: string) => t.toUpperCase(), (t: string) => t.toLowerCase()]) {
      const picture = await site.picture();
      const answer = await confirm(await site.agree(), {
        ...picture,
        challengeAnswer: change(picture.challengeAnswer),
      });
      expect(answer.status).toBe(200);
    }
  });

  it('EC-32 a wrong answer gets a new picture, and the old one is dead', async () => {
    const begun = await site.agree();
    const picture = await site.picture();
    const wrong = await confirm(begun, { ...picture, challengeAnswer: 'wrong1' });
    expect(faults(wrong)).toEqual([400, 'challengeAnswer:challenge']);
    const [{ challengeId }] = wrong.body.errors;
    expect(challengeId).not.toBe(picture.challengeId);
    expect(faults(await confirm(begun, picture))).toEqual([400, 'challengeAnswer:challenge']);
    const shown = await site.browser.get(`${SITE}/challenges/${challengeId}`);
    expect(shown.body.image).toMatch(/^data:image\/png;base64,/);
    const image = await site.browser.get(`${SITE}/challenges/${challengeId}/image.png`);
    expect(image).toMatchObject({ status: 200, headers: { 'content-type': 'image/png' } });
    const challengeAnswer = running.service.app.get(Challenges).textOf(challengeId);
    expect(await confirm(begun, { challengeId, challengeAnswer })).toMatchObject({ status: 200 });
  });

  it('EC-32 the same can be answered by ear', async () => {
    const { body } = await site.browser.post(`${SITE}/challenges`);
    const { answer } = running.service.app.get(Challenges).sum(body.id)!;
    expect(body.spoken.ja).toContain('足して');
    expect(await confirm(await site.agree(), { challengeId: body.id, challengeAnswer: answer })).toMatchObject({
      status: 200,
    });
    expect(JSON.stringify(body)).not.toContain(running.service.app.get(Challenges).textOf(body.id));
  });
});

describe('registration', () => {
  it('EC-33 records the registration and the link, reserves the ticket, and no event holds the token or the number', async () => {
    const ticket = await site.ticket();
    const begun = await site.agree();
    await begun.registered(ticket);
    const stream = `application-${begun.id}`;
    expect(await eventsOf(stream)).toEqual([
      'applications.UserDutiesAgreed',
      'applications.ApplicationRegistered',
      'applications.ApplicationLinkIssued',
      ...(await eventsOf(stream)).slice(3),
    ]);
    expect(await eventsOf(`ticket-${ticket.ticketId}`)).toEqual(['tickets.TicketIssued', 'tickets.TicketReserved']);
    expect(await site.ticketState(ticket)).toBe('reserved');
    const recorded = await everythingRecorded(stream, `ticket-${ticket.ticketId}`);
    expect(recorded).not.toContain(ticket.number);
    expect(recorded).not.toContain(ticket.number.replaceAll('-', ''));
    expect(recorded).not.toContain(begun.key);
  });

  it('EC-33 needs the consent, and exactly what was confirmed', async () => {
    const ticket = await site.ticket();
    const begun = await site.agree();
    const proof = await begun.confirmed(ticket);
    const data = begun.applicant(ticket);
    expect(faults(await begun.register({ ...data, proof, agreed: false }))).toEqual([400, 'agreed:agreement']);
    for (const changed of [
      { ...data, mail: 'other@example.com', proof },
      { ...data, applicantType: 'self', proof },
      { ...data, ticketNumber: (await site.ticket()).number, proof },
      { ...data, proof: `${proof.slice(0, -1)}${proof.endsWith('0') ? '1' : '0'}` },
      { ...data, proof: '' },
    ]) {
      const answer = await begun.register({ ...changed, agreed: true });
      expect(answer).toMatchObject({ status: 410, body: { code: 'CONFIRMATION_EXPIRED' } });
    }
    expect(await site.ticketState(ticket)).toBe('unused');
    expect(await begun.register({ ...data, proof, agreed: true })).toMatchObject({ status: 201 });
  });

  it('EC-33 pressed twice quickly it is one application', async () => {
    const ticket = await site.ticket();
    const begun = await site.agree();
    const body = { ...begun.applicant(ticket), proof: await begun.confirmed(ticket), agreed: true };
    const answers = await Promise.all([begun.register(body), begun.register(body), begun.register(body)]);
    expect(new Set(answers.map(({ status, body: { id, version } }) => `${status} ${id} ${version}`)).size).toBe(1);
    expect(answers[0].status).toBe(201);
    const registrations = (await eventsOf(`application-${begun.id}`)).filter((type) => type.endsWith('Registered'));
    expect(registrations).toHaveLength(1);
  });

  it('EC-33 a second registration of the same application leaves its ticket free', async () => {
    const [ticket, other] = [await site.ticket(), await site.ticket()];
    const begun = await site.agree();
    const proofs = [await begun.confirmed(ticket), await begun.confirmed(other)];
    await begun.register({ ...begun.applicant(ticket), proof: proofs[0], agreed: true });
    const second = await begun.register({ ...begun.applicant(other), proof: proofs[1], agreed: true });
    expect(second).toMatchObject({ status: 409, body: { code: 'APPLICATION_STATE' } });
    expect([await site.ticketState(ticket), await site.ticketState(other)]).toEqual(['reserved', 'unused']);
  });

  it('EC-25 a ticket serves one application at a time: of two who register at once one gets it', async () => {
    const ticket = await site.ticket();
    const rivals = await Promise.all([site.agree(), site.agree(), site.agree()]);
    const bodies: object[] = [];
    for (const rival of rivals)
      bodies.push({ ...rival.applicant(ticket), proof: await rival.confirmed(ticket), agreed: true });
    const answers = await Promise.all(rivals.map((rival, index) => rival.register(bodies[index]!)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
    for (const { status, body } of answers) if (status === 422) expect(body.code).toBe('TICKET_NOT_USABLE');
  });

  it('EC-34 says that the application is not yet complete, and the status answers with the deadline', async () => {
    const ticket = await site.ticket();
    const begun = await site.agree();
    const { body } = await begun.registered(ticket);
    expect(body.message.en).toContain('not yet complete');
    expect(body.message.ja).toContain('完了していません');
    const { status, body: state, headers } = await begun.status();
    expect(status).toBe(200);
    expect(state).toMatchObject({
      id: begun.id,
      type: 'certificateApplication',
      status: 'AwaitingApplicantLink',
      applicantType: 'agent',
      ticket: { termYears: 3 },
      actions: ['openLink'],
    });
    expect(state.deadlines).toEqual([{ kind: 'applicantLink', at: expect.any(String) }]);
    expect(state.version).toBeGreaterThanOrEqual(begun.version);
    expect(headers['retry-after']).toBe('10');
    expect(JSON.stringify(state)).not.toContain(ticket.number);
    expect(state.ticket.number).toBe(`…${ticket.number.slice(-4)}`);
  });

  it('EC-34 an unchanged state is not sent again, and nobody sees it without the key', async () => {
    const begun = await site.register(await site.ticket());
    const key = { 'x-application-key': begun.key };
    // The mail is on its way, and that changes the state once more.
    await running.mailbox();
    const { headers } = await begun.status();
    const again = await site.browser.get(begun.path, { headers: { ...key, 'if-none-match': String(headers['etag']) } });
    expect(again.status).toBe(304);
    expect(again.body).toBe('');
    const foreign = await site.register(await site.ticket());
    for (const wrong of [{}, { 'x-application-key': foreign.key }, { 'x-link-token': 'a'.repeat(64) }])
      expect(await site.browser.get(begun.path, { headers: wrong })).toMatchObject({ status: 404 });
    expect(await site.browser.get(`${SITE}/applications/nonsense`, { headers: key })).toMatchObject({ status: 404 });
  });
});
