import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { expiryReminders } from '../../src/contexts/certificates/notices.lookups.js';
import { scheduleActivation } from '../../src/contexts/certificates/messages.js';
import { Challenges } from '../../src/platform/challenges/challenges.js';
import { partnerUserByUserId } from '../../src/contexts/partners/lookups.js';
import type { Browser } from '../kit/browser.js';
import { type Application, approved, decisionsOf, issuedFor, PIN, sendAsSystem } from '../kit/certificates.js';
import { hasTool, runTool } from '../kit/outside-tools.js';
import { ownFolder } from '../kit/own-folder.js';
import { type Partners, preparedPartners, registrant } from '../kit/partners.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

const SIGNER = 'A1000101';
const APPROVER = 'A1000102';
const STRANGER = 'A1000103';
const folder = ownFolder();

let running: RunningService;
let partners: Partners;
beforeAll(async () => {
  running = await startForTests();
  partners = await preparedPartners(running);
  await partners.company('A10001');
  await partners.office('A10001', 'Sendai', [
    registrant('one@example.com', ['GROUP_ADMINISTRATOR', 'SIGNER']),
    registrant('two@example.com', ['APPROVER']),
  ]);
  await partners.office('A10001', 'Tokyo', [registrant('three@example.com', ['GROUP_ADMINISTRATOR', 'SIGNER'])]);
}, 120_000);
afterAll(() => running.stop());

const sectionOf = (browser: Browser, userId = SIGNER) => browser.get(`e-contract/users/${userId}/certificate`);
const act = (browser: Browser, action: string, body: object, userId = SIGNER) =>
  browser.post(`e-contract/users/${userId}/certificate/${action}`, body);

/** Issued to the user, the mail sent; usable once the second business day has come. */
const certified = async (userId = SIGNER, termYears = 3): Promise<Application & { certificateId: string }> => {
  const user = (await partnerUserByUserId(decisionsOf(running), userId))!;
  const holder = { accountId: user.accountId, userId, mail: user.mails.mail, tenant: user.tenant };
  const application = await approved(running, holder, termYears);
  const { certificateId } = await issuedFor(running, application);
  const noticeSentAt = running.clock.now().toISOString();
  await sendAsSystem(running, scheduleActivation({ certificateId, noticeSentAt }), user.tenant);
  return { ...application, certificateId };
};
const eventsOf = async (certificateId: string) =>
  (await running.service.events.read(`certificate-${certificateId}`)).map(({ type }) => type.split('.')[1]);

/** As a person does it: asks for a picture, and reads it. */
const picture = async () => {
  const { body } = await running.browser().post('e-contract/issuance/challenges');
  return {
    challengeId: body.id as string,
    challengeAnswer: running.service.app.get(Challenges).textOf(body.id as string),
  };
};

describeWithMovableClock("a signer's certificate section", () => {
  let first: Application & { certificateId: string };

  it('EC-76 is empty at first, offers to apply, and is a matter of signers and their administrators', async () => {
    const signer = await partners.as(SIGNER);
    const { status, body } = await sectionOf(signer);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'none', certificate: null, others: [], actions: ['applyForIssuance'] });
    expect((await sectionOf(signer, APPROVER)).status).toBe(404);
    expect((await sectionOf(await partners.as(APPROVER))).body).toMatchObject({ code: 'NOT_PERMITTED' });
    expect((await act(signer, 'test', { pin: PIN })).body).toMatchObject({ code: 'NO_CERTIFICATE_REGISTERED' });
  });

  it('EC-59, EC-76, EC-77 shows the certificate by itself, with its buttons, when the second business day has come', async () => {
    first = await certified();
    await running.clock.settled();
    expect((await sectionOf(await partners.as(SIGNER))).body).toMatchObject({
      status: 'none',
      others: [{ certificateId: first.certificateId, status: 'issued' }],
    });
    // EC-59: there is one, and it is not usable yet.
    for (const action of ['test', 'file'])
      expect(await act(await partners.as(SIGNER), action, { pin: PIN })).toMatchObject({
        status: 422,
        body: { code: 'CERTIFICATE_NOT_ACTIVE', params: { status: 'issued' } },
      });
    await running.clock.advance('8d');
    const { body } = await sectionOf(await partners.as(SIGNER));
    expect(body).toMatchObject({
      status: 'registered',
      certificate: { certificateId: first.certificateId, fileName: 'mihon.pfx', status: 'active' },
      actions: ['renew', 'delete', 'test', 'download', 'applyForIssuance'],
    });
    const detail = await (await partners.as(SIGNER)).get(`e-contract/users/${SIGNER}`);
    expect(detail.body.sections.certificate).toEqual({ state: 'registered', fileName: 'mihon.pfx' });
    expect(body.certificate.shown.updatedAt).toMatch(/^\d{4}\/\d{2}\/\d{2} 00:00:0\d$/);
    expect(body.certificate.shown.validUntil).toMatch(/^\d{4}\/\d{2}\/\d{2} 23:59:59$/);
  });

  it('EC-74 of another office is not there, and the reach is kept', async () => {
    const stranger = await partners.as(STRANGER);
    expect((await sectionOf(stranger)).status).toBe(404);
    expect((await act(stranger, 'test', { pin: PIN })).status).toBe(404);
    const staff = await running.staff();
    await running.clock.settled();
    const { body } = await staff.get('back-office/history?result=refused');
    const operations = body.items.map(({ operation }: { operation: string }) => operation);
    expect(operations).toContain('GET /api/v1/e-contract/users/:userId/certificate');
  });

  it('EC-78 a test with the right PIN succeeds, one with a wrong PIN is marked and changes nothing', async () => {
    const signer = await partners.as(SIGNER);
    const right = await act(signer, 'test', { pin: PIN });
    expect(right).toMatchObject({ status: 200, body: { result: 'succeeded' } });
    const wrong = await act(signer, 'test', { pin: 'abcd1234efgh' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'PIN_REFUSED' } });
    expect((await eventsOf(first.certificateId)).slice(-2)).toEqual([
      'CertificateTestSucceeded',
      'CertificateTestFailed',
    ]);
    expect((await sectionOf(signer)).body).toMatchObject({ status: 'registered', certificate: { status: 'active' } });
  });

  it.each(['Abcd1234Efg', 'Abcd1234Efghi', 'Abcd1234Efg!', 'Ａbcd1234Efgh', ''])(
    'EC-51 %j is no PIN, and no try',
    async (pin) => {
      const { status, body } = await act(await partners.as(SIGNER), 'test', { pin });
      expect(status).toBe(400);
      expect(body.errors[0].field).toBe('pin');
    },
  );

  it('EC-78 guessing is slowed down and says when to come back; it locks nobody out for good', async () => {
    const signer = await partners.as(SIGNER);
    // A right PIN ends the count of the wrong ones before.
    expect((await act(signer, 'test', { pin: PIN })).status).toBe(200);
    for (let guess = 0; guess < 5; guess += 1)
      expect((await act(signer, 'test', { pin: 'abcd1234efgh' })).status).toBe(401);
    const held = await act(signer, 'test', { pin: PIN });
    expect(held).toMatchObject({ status: 429, body: { code: 'TOO_MANY_PINS' } });
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(50);
    await running.clock.advance('61s');
    expect((await act(signer, 'test', { pin: PIN })).status).toBe(200);
  });

  it('EC-76 every wrong PIN leaves one line, whatever it was tried for, and so does whoever is held back', async () => {
    const signer = await partners.as(SIGNER);
    const staff = await running.staff();
    const lines = async () => {
      await running.clock.settled();
      const { items } = (await staff.get('back-office/history?result=refused&limit=100')).body;
      const told = items.map(({ operation, code }: Record<string, string>) => `${operation} ${code}`);
      return told.filter((line: string) => /PIN/.test(line)) as string[];
    };
    const before = (await lines()).length;
    expect((await act(signer, 'file', { pin: 'abcd1234efgh' })).status).toBe(401);
    expect((await act(signer, 'test', { pin: 'abcd1234efgh' })).status).toBe(401);
    for (let guess = 0; guess < 3; guess += 1)
      expect((await act(signer, 'file', { pin: 'abcd1234efgh' })).status).toBe(401);
    expect((await act(signer, 'file', { pin: PIN })).status).toBe(429);
    const file = 'POST /api/v1/e-contract/users/:userId/certificate/file';
    expect((await lines()).slice(0, -before || undefined).sort()).toEqual([
      ...Array.from({ length: 4 }, () => `${file} PIN_REFUSED`),
      `${file} TOO_MANY_PINS`,
      'certificates.RecordCertificateTest PIN_REFUSED',
    ]);
    await running.clock.advance('61s');
    expect((await act(signer, 'test', { pin: PIN })).status).toBe(200);
  });

  it.each([
    ['modern', ['-info', '-noout']],
    ['compatible', ['-info', '-noout', '-legacy']],
  ])('EC-76 the holder takes the file in the %s form, and openssl opens it with the PIN', async (form, options) => {
    const signer = await partners.as(SIGNER);
    const { status, headers, raw } = await act(signer, 'file', { pin: PIN, form });
    expect(status).toBe(200);
    expect(headers['content-disposition']).toBe('attachment; filename="mihon.pfx"');
    expect(headers['cache-control']).toBe('no-store');
    const path = join(folder, `${form}.pfx`);
    writeFileSync(path, raw);
    const opened = await runTool('openssl', ['pkcs12', '-in', path, '-passin', `pass:${PIN}`, ...options]);
    expect(opened.output).not.toMatch(/invalid|error/i);
    const pem = await runTool('openssl', [
      ...['pkcs12', '-in', path, '-passin', `pass:${PIN}`, '-nokeys', '-clcerts'],
      ...(form === 'compatible' ? ['-legacy'] : []),
    ]);
    const certificate = new X509Certificate(/-----BEGIN[^]+?-----END CERTIFICATE-----/.exec(pem.output)![0]);
    expect(certificate.subject).toContain('BN-Mihon.Taro');
    if (!hasTool('keytool', '-help')) return;
    const shown = await runTool('keytool', ['-list', '-keystore', path, '-storepass', PIN, '-storetype', 'PKCS12']);
    expect(shown.output).toContain('PrivateKeyEntry');
  });

  it('EC-78 a newer certificate takes the place by itself; the older one is no renewal', async () => {
    const newer = await certified(SIGNER, 3);
    await running.clock.advance('8d');
    const administrator = await partners.as(SIGNER);
    expect((await sectionOf(administrator)).body.certificate).toMatchObject({ certificateId: newer.certificateId });
    const older = await act(administrator, 'renewal', { certificateId: first.certificateId });
    expect(older).toMatchObject({ status: 422, body: { code: 'REPLACEMENT_NOT_USABLE' } });
    expect((await act(administrator, 'renewal', { certificateId: 'of-nobody' })).status).toBe(404);
  });

  it('EC-78 deleting asks first, revokes nothing, and renewing puts a usable one back', async () => {
    const administrator = await partners.as(SIGNER);
    const path = `e-contract/users/${SIGNER}/certificate`;
    const { certificateId } = (await sectionOf(administrator)).body.certificate;
    expect(await administrator.delete(path)).toMatchObject({
      status: 409,
      body: { code: 'UNREGISTRATION_UNCONFIRMED' },
    });
    const removed = await administrator.delete(`${path}?certificateId=${certificateId}`);
    expect(removed.status).toBe(200);
    const none = (await administrator.get(`${path}?minVersion=${removed.body.version}`)).body;
    expect(none).toMatchObject({ status: 'none', certificate: null });
    expect(none.others.map(({ status }: { status: string }) => status)).toEqual(['active', 'active']);
    const back = await act(administrator, 'renewal', { certificateId });
    expect(back.status).toBe(200);
    const again = (await administrator.get(`${path}?minVersion=${back.body.version}`)).body;
    expect(again.certificate).toMatchObject({ certificateId, status: 'active' });
    expect(await eventsOf(certificateId)).not.toContain('CertificateRevoked');
  });

  it('EC-61 a stolen PC: applied for by anybody, granted by staff, told to the holder, shown in the section', async () => {
    const form = { certificate: SIGNER, mail: 'one@example.com', cause: 'stolen', statement: 'PC stolen' };
    const asked = await running.browser().post('e-contract/revocation-requests', { ...form, ...(await picture()) });
    expect(asked.status).toBe(202);
    const staff = await running.staff();
    await running.clock.settled();
    const queue = (await staff.get('back-office/revocation-requests?status=waiting')).body.items;
    expect(queue).toHaveLength(2);
    expect(queue[0]).toMatchObject({
      cause: 'stolen',
      statement: 'PC stolen',
      overdue: false,
      actions: ['grant', 'dismiss'],
    });
    const signer = await partners.as(SIGNER);
    const { certificateId } = (await sectionOf(signer)).body.certificate;
    const request = queue.find((item: { certificateId: string }) => item.certificateId === certificateId);
    const granted = await staff.post(`back-office/revocation-requests/${request.id}/grant`, {});
    expect(granted.status).toBe(200);
    await running.clock.settled();
    expect((await sectionOf(signer)).body.certificate).toMatchObject({ status: 'revoked' });
    const test = await act(signer, 'test', { pin: PIN });
    expect(test).toMatchObject({
      status: 422,
      body: { code: 'CERTIFICATE_NOT_ACTIVE', params: { status: 'revoked' } },
    });
    // EC-78: it stands there already, and is still no certificate to renew anything with.
    const renewed = await act(signer, 'renewal', { certificateId });
    expect(renewed).toMatchObject({ status: 422, body: { code: 'REPLACEMENT_NOT_USABLE' } });
    const again = await staff.post(`back-office/revocation-requests/${request.id}/grant`, {});
    expect(again).toMatchObject({ status: 409 });
    const other = queue.find((item: { id: string }) => item.id !== request.id);
    const dismissed = await staff.post(`back-office/revocation-requests/${other.id}/dismissal`, {
      note: 'the old one',
    });
    expect(dismissed.status).toBe(200);
    expect((await running.mailbox('one@example.com')).map(({ subject }) => subject)).toContain(
      '電子証明書失効のお知らせ',
    );
  });

  it('EC-78 the older one, still good, takes the place of the one that was revoked', async () => {
    const administrator = await partners.as(SIGNER);
    const renewed = await act(administrator, 'renewal', { certificateId: first.certificateId });
    expect(renewed.status).toBe(200);
    const path = `e-contract/users/${SIGNER}/certificate?minVersion=${renewed.body.version}`;
    const { certificate } = (await administrator.get(path)).body;
    expect(certificate).toMatchObject({ certificateId: first.certificateId, status: 'active' });
  });

  it('EC-61 tells a stranger nothing, whatever the name, and every fault at once', async () => {
    const ask = (body: object) => running.browser().post('e-contract/revocation-requests', body);
    const form = { mail: 'x@example.com', cause: 'lost', statement: 'lost it' };
    const unknown = await ask({ ...form, ...(await picture()), certificate: 'Z9999901' });
    const ended = await ask({ ...form, ...(await picture()), certificate: SIGNER });
    expect(unknown.status).toBe(202);
    expect(Object.keys(unknown.body)).toEqual(Object.keys(ended.body));
    expect(unknown.body.next).toEqual(ended.body.next);
    const faults = await ask({ mail: 'x@', cause: 'bored', statement: '', certificate: '' });
    expect(faults.status).toBe(400);
    expect(faults.body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'cause',
      'certificate',
      'challengeAnswer',
      'challengeId',
      'mail',
      'statement',
    ]);
  });

  it('EC-61 a slip in the name loses nothing: staff see what was written, assign it, and revoke', async () => {
    const statement = 'The PC was stolen.\nI am in a hurry.';
    const form = { certificate: 'A10O0101', mail: 'one@example.com', cause: 'stolen', statement };
    const key = { headers: { 'idempotency-key': 'stolen-1' } };
    const body = { ...form, ...(await picture()) };
    const asked = await running.browser().post('e-contract/revocation-requests', body, key);
    expect(asked.status).toBe(202);
    // The picture is used up, and yet whoever lost the answer gets it.
    expect(await running.browser().post('e-contract/revocation-requests', body, key)).toMatchObject({
      status: 202,
      body: asked.body,
    });
    const staff = await running.staff();
    const queue = async (status: string) => {
      await running.clock.settled();
      return (await staff.get(`back-office/revocation-requests?status=${status}&limit=100`)).body.items;
    };
    const mine = (await queue('unmatched')).filter(({ id }: { id: string }) => id === asked.body.id);
    expect(mine).toMatchObject([
      { named: 'A10O0101', statement, certificateId: null, overdue: false, actions: ['assign', 'dismiss'] },
    ]);
    const path = `back-office/revocation-requests/${asked.body.id}`;
    expect((await staff.post(`${path}/grant`, {})).status).toBe(404);
    expect((await staff.post(`${path}/assignment`, { certificateId: 'no-such' })).status).toBe(404);
    const { certificateId } = await certified();
    expect((await staff.post(`${path}/assignment`, { certificateId })).status).toBe(200);
    const waiting = (await queue('waiting')).filter(
      (item: { certificateId: string }) => item.certificateId === certificateId,
    );
    expect(waiting).toMatchObject([{ statement, mail: 'one@example.com', actions: ['grant', 'dismiss'] }]);
    expect((await staff.post(`back-office/revocation-requests/${waiting[0].id}/grant`, {})).status).toBe(200);
    expect(await eventsOf(certificateId)).toContain('CertificateRevoked');
    expect((await queue('unmatched')).map(({ id }: { id: string }) => id)).not.toContain(asked.body.id);
    const ended = await staff.post(`${path}/assignment`, { certificateId });
    expect(ended).toMatchObject({ status: 409, body: { code: 'CERTIFICATE_STATE' } });
  });

  it('EC-61 what nobody can make out is set aside with a note; strangers who file many keep out nobody', async () => {
    const stranger = running.browser('198.51.100.7');
    const ask = async (browser: Browser, certificate: string, statement: string) => {
      const form = { certificate, mail: 'x@example.com', cause: 'lost', statement };
      return browser.post('e-contract/revocation-requests', { ...form, ...(await picture()) });
    };
    const { certificateId } = await certified();
    await running.clock.settled();
    for (let n = 0; n < 12; n += 1) expect((await ask(stranger, certificateId, 'prank')).status).toBe(202);
    expect((await ask(running.browser(), certificateId, 'really lost')).status).toBe(202);
    const none = await ask(running.browser(), 'of-nobody', 'who knows');
    const staff = await running.staff();
    await running.clock.settled();
    const { items } = (await staff.get('back-office/revocation-requests?status=waiting&limit=100')).body;
    const statements = items
      .filter((item: { certificateId: string }) => item.certificateId === certificateId)
      .map(({ statement }: { statement: string }) => statement);
    expect(statements).toContain('really lost');
    expect(statements).toHaveLength(13);
    const path = `back-office/revocation-requests/${none.body.id}`;
    const dismissed = await staff.post(`${path}/dismissal`, { note: 'names nothing;\nno answer to our mail' });
    expect(dismissed.status).toBe(200);
    expect((await staff.post(`${path}/dismissal`, { note: 'again' })).body.code).toBe('REVOCATION_REQUEST_DECIDED');
    await running.clock.settled();
    const done = (await staff.get('back-office/revocation-requests?status=dismissed&limit=100')).body.items;
    expect(done.find(({ id }: { id: string }) => id === none.body.id)).toMatchObject({
      note: 'names nothing;\nno answer to our mail',
      actions: [],
    });
  });

  it('EC-61 asks for the characters of a picture, and takes each picture once', async () => {
    const form = { certificate: SIGNER, mail: 'x@example.com', cause: 'lost', statement: 'lost it' };
    const ask = (body: object) => running.browser().post('e-contract/revocation-requests', { ...form, ...body });
    const shown = await picture();
    const wrong = await ask({ ...shown, challengeAnswer: '......' });
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors).toMatchObject([{ field: 'challengeAnswer', rule: 'challenge' }]);
    expect(wrong.body.errors[0].challengeId).not.toBe(shown.challengeId);
    expect((await ask(shown)).status).toBe(400);
    expect((await ask(await picture())).status).toBe(202);
  });

  it('EC-62 the group administrator is told, too', async () => {
    const administrator = await partners.as(SIGNER);
    const user = { userId: 'A1000104', name: 'Sample Four', mail: 'four@example.com', roles: ['SIGNER'] };
    expect((await administrator.post('e-contract/users', user)).status).toBe(201);
    const { certificateId } = await certified('A1000104');
    const staff = await running.staff();
    const before = (await running.mailbox('one@example.com')).length;
    const body = { by: 'POLICY_BODY', reason: 'keyCompromise' };
    expect((await staff.post(`back-office/certificates/${certificateId}/revocation`, body)).status).toBe(200);
    const four = (await running.mailbox('four@example.com')).filter(({ subject }) => subject.includes('失効'));
    expect(four).toHaveLength(1);
    const one = (await running.mailbox('one@example.com')).slice(before);
    expect(one).toHaveLength(1);
    expect(one[0]!.text).toContain('A1000104');
  });

  it('holder and group administrator are reminded of an end that comes, unless there is a newer one', async () => {
    const remindersOf = async (certificateId: string) => {
      const mails = await expiryReminders(decisionsOf(running), certificateId, 30, running.clock.now());
      return mails.map(({ data: { recipient, facts } }) => `${recipient} ${facts['userId']}`).sort();
    };
    const user = { userId: 'A1000106', name: 'Sample Six', mail: 'six@example.com', roles: ['SIGNER'] };
    expect((await (await partners.as(SIGNER)).post('e-contract/users', user)).status).toBe(201);
    const ending = await certified('A1000106', 1);
    expect(await remindersOf(ending.certificateId)).toEqual(['one@example.com A1000106', 'six@example.com A1000106']);
    await running.clock.advance('8d');
    await certified('A1000106', 3);
    await running.clock.advance('8d');
    expect(await remindersOf(ending.certificateId)).toEqual([]);
    expect(await remindersOf('no-such')).toEqual([]);
  });

  it('EC-59, EC-78 a new one that ends earlier takes the place: whoever lost a PIN signs again, and the longer one is kept', async () => {
    const user = { userId: 'A1000107', name: 'Sample Seven', mail: 'seven@example.com', roles: ['SIGNER'] };
    expect((await (await partners.as(SIGNER)).post('e-contract/users', user)).status).toBe(201);
    const longer = await certified('A1000107', 3);
    await running.clock.advance('8d');
    const shorter = await certified('A1000107', 1);
    await running.clock.advance('8d');
    const administrator = await partners.as(SIGNER);
    const shown = async (version = 0) =>
      (await administrator.get(`e-contract/users/A1000107/certificate?minVersion=${version}`)).body;
    expect(await shown()).toMatchObject({
      certificate: { certificateId: shorter.certificateId, status: 'active' },
      others: [{ certificateId: longer.certificateId, status: 'active' }],
      actions: expect.arrayContaining(['renew']),
    });
    for (const { certificateId } of [longer, shorter]) {
      const renewed = await act(administrator, 'renewal', { certificateId }, 'A1000107');
      expect(renewed.status).toBe(200);
      expect((await shown(renewed.body.version)).certificate).toMatchObject({ certificateId, status: 'active' });
    }
  });

  it('EC-62 holder and group administrator are told, even of a holder who is no user any more', async () => {
    const administrator = await partners.as(SIGNER);
    const user = { userId: 'A1000105', name: 'Sample Five', mail: 'five@example.com', roles: ['SIGNER'] };
    expect((await administrator.post('e-contract/users', user)).status).toBe(201);
    const { certificateId } = await certified('A1000105');
    expect((await administrator.delete('e-contract/users/A1000105')).status).toBe(200);
    const staff = await running.staff();
    const before = (await running.mailbox('one@example.com')).length;
    const body = { by: 'LRA', reason: 'cessationOfOperation' };
    expect((await staff.post(`back-office/certificates/${certificateId}/revocation`, body)).status).toBe(200);
    const told = (await running.mailbox('one@example.com')).slice(before);
    expect(told.map(({ subject }) => subject)).toEqual(['電子証明書失効のお知らせ']);
    expect(told[0]!.text).toContain('A1000105');
    expect((await running.mailbox('five@example.com')).map(({ subject }) => subject)).toContain(
      '電子証明書失効のお知らせ',
    );
  });

  it('EC-52 no PIN stands in any event, log line or list, and there is no way to change one', async () => {
    const staff = await running.staff();
    const history = JSON.stringify((await staff.get('back-office/history?limit=100')).body);
    for (const secret of [PIN, 'abcd1234efgh']) {
      expect(history).not.toContain(secret);
      expect(running.logged()).not.toContain(secret);
    }
    const feed = running.service.events.feed(null, ['certificates.', 'notifications.', 'identity.']);
    let all = '';
    setTimeout(() => void feed.stop(), 2_000);
    for await (const { recorded } of feed.events) all += JSON.stringify(recorded);
    expect(all).toContain('CertificateTestFailed');
    expect(all).not.toContain(PIN);
    expect(all).not.toContain('abcd1234efgh');
    const document = await running.service.app.inject('/api/v1/openapi.json');
    const routes = Object.keys(document.json<{ paths: object }>().paths);
    expect(routes.length).toBeGreaterThan(40);
    expect(routes.filter((route) => /(^|[/-])pins?($|[/-])/i.test(route))).toEqual([]);
  });
});
