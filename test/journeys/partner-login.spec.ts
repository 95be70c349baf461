import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Browser } from '../kit/browser.js';
import { initialPasswordOf, OWN_PASSWORD, type Partners, preparedPartners, registrant } from '../kit/partners.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let partners: Partners;
let vendor = 10_000;
beforeAll(async () => {
  running = await startForTests();
  partners = await preparedPartners(running);
}, 120_000);
afterAll(() => running.stop());

/** A group of its own, so that no test locks or changes what another uses; answers the user IDs. */
const group = async (...mails: string[]) => {
  const vendorCode = `A${(vendor += 1)}`;
  await partners.company(vendorCode, `Example Company ${vendorCode}`);
  return partners.office(
    vendorCode,
    null,
    mails.map((mail) => registrant(mail)),
  );
};
const rules = ({ body }: Answer) =>
  (body as { errors: { field: string; rule: string }[] }).errors.map(({ field, rule }) => `${field}:${rule}`);
const attempt = (userId: string, password: string, browser: Browser = running.browser()) =>
  browser.post('e-contract/sessions', { userId, password });
const change = (currentPassword: string, newPassword: string, newPasswordRepeat = newPassword) => ({
  currentPassword,
  newPassword,
  newPasswordRepeat,
});

describe('EC-04 the login page', () => {
  it('EC-04 has one field for user ID or mail address, the password, and links for those who forgot either', async () => {
    const { body } = await running.browser().get('e-contract/login-page');
    expect(body.form.fields.map(({ name }: { name: string }) => name)).toEqual(['userId', 'password']);
    expect(body.links.map(({ rel }: { rel: string }) => rel)).toEqual(['forgot-user-id', 'forgot-password']);
    for (const { action } of [body.form, ...body.links])
      expect((await running.browser().send(action.method, action.path, {})).status).toBe(400);
  });

  it('EC-04 either the user ID or the mail address opens the same account', async () => {
    const [userId] = await group('one.login@example.com');
    await partners.as(userId!);
    for (const name of [userId!, 'one.login@example.com', ' One.Login@EXAMPLE.com ']) {
      const { status, body } = await attempt(name, OWN_PASSWORD);
      expect([status, body.account?.userId, body.landing]).toEqual([201, userId, 'menu']);
    }
  });

  it('EC-04 an address that several users have is refused with "enter the user ID"', async () => {
    const [first, second] = await group('office@example.com', 'OFFICE@example.com');
    await partners.as(first!);
    for (const password of [OWN_PASSWORD, 'Wrong2026']) {
      const { status, body } = await attempt('office@example.com', password);
      expect([status, body.code]).toEqual([401, 'USER_ID_NEEDED']);
      expect(body.title).toContain('enter the user ID');
    }
    expect((await attempt(first!, OWN_PASSWORD)).status).toBe(201);
    expect((await attempt(second!, await initialPasswordOf(running, second!))).status).toBe(201);
  });

  it('EC-04 everything wrong gets one message, in the language of the reader', async () => {
    const [userId] = await group('wrong@example.com');
    const titles = new Set<string>();
    for (const [name, password] of [
      [userId!, 'Wrong2026'],
      [userId!.toLowerCase(), OWN_PASSWORD],
      ['Z9999901', OWN_PASSWORD],
      ['nobody@example.com', OWN_PASSWORD],
      ['wrong@example.com', 'Wrong2026'],
      ['no such thing at all', 'x'],
    ]) {
      const { status, body } = await attempt(name!, password!);
      expect([status, body.code]).toEqual([401, 'USER_ID_OR_PASSWORD_WRONG']);
      titles.add(body.title);
    }
    expect(titles.size).toBe(1);
    const { body } = await running
      .browser()
      .post('e-contract/sessions', { userId, password: 'Wrong2026' }, { headers: { 'accept-language': 'ja' } });
    expect(body.title).toContain('ユーザーID');
  });

  it('EC-04 missing fields are named', async () =>
    expect(rules(await running.browser().post('e-contract/sessions', {}))).toEqual([
      'userId:required',
      'password:required',
    ]));

  it.each(['userId', 'mail'])(
    'EC-04 locks after five wrong passwords, by %s, known or not, until the back office releases it',
    async (by) => {
      const [userId] = await group(`locked.${by}@example.com`);
      const [known, unknown] =
        by === 'userId' ? [userId!, 'Z9999801'] : [`locked.${by}@example.com`, 'nobody.locked@example.com'];
      for (const name of [known, unknown]) {
        for (let n = 0; n < 5; n += 1) expect((await attempt(name, 'Wrong2026')).status).toBe(401);
        expect(await attempt(name, 'Wrong2026')).toMatchObject({ status: 423, body: { code: 'ACCOUNT_LOCKED' } });
      }
      const password = await initialPasswordOf(running, userId!);
      // The tries by address and those by ID are tries on one account.
      expect((await attempt(userId!, password)).status).toBe(423);
      const unlock = await partners.staff.post(`back-office/partner-users/${userId}/unlock`);
      expect(unlock.status).toBe(200);
      expect((await attempt(userId!, password)).status).toBe(201);
    },
  );

  it.each([
    ['user ID', (n: number) => `Z99998${n + 10}`],
    ['mail address', (n: number) => `nobody${n}@example.com`],
  ])('EC-04 an unknown %s takes as long as a known one', async (kind, unknown) => {
    const mail = `timed.${kind.replace(' ', '')}@example.com`;
    const [userId] = await group(mail);
    const known = kind === 'user ID' ? userId! : mail;
    const times = { known: [] as number[], unknown: [] as number[] };
    const timed = async (into: number[], name: string) => {
      const begin = performance.now();
      await attempt(name, 'Wrong2026');
      into.push(performance.now() - begin);
    };
    // In turns, so that whatever else the machine does burdens both alike.
    for (let n = 0; n < 15; n += 1) {
      await timed(times.known, known);
      await timed(times.unknown, unknown(n));
    }
    const median = (values: number[]) => values.sort((x, y) => x - y)[7]!;
    const ratio = median(times.unknown) / median(times.known);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});

describe('EC-05 a change that never counted', () => {
  it('EC-05 leaves the session on the password it stands on, and ends with it', async () => {
    const [userId] = await group('never.counted@example.com');
    const initial = await initialPasswordOf(running, userId!);
    const [stolen, own] = [running.browser(), running.browser()];
    for (const browser of [stolen, own]) expect((await attempt(userId!, initial, browser)).status).toBe(201);
    const { events } = running.service;
    const append = events.append.bind(events);
    events.append = (stream, ...rest) =>
      stream === `partner-${userId!.slice(0, -2)}`
        ? Promise.reject(new Error('the store is full'))
        : append(stream, ...rest);
    const failed = await stolen.put('e-contract/me/password', change(initial, 'Never2026'));
    events.append = append;
    expect(failed.status).toBeGreaterThanOrEqual(500);
    // It is still that of somebody who has not chosen a password.
    expect((await stolen.get('e-contract/me')).status).toBe(403);
    expect((await own.put('e-contract/me/password', change(initial, OWN_PASSWORD))).status).toBe(200);
    expect((await own.get('e-contract/me')).status).toBe(200);
    expect((await stolen.get('e-contract/me/password')).status).toBe(401);
  });
});

describe('EC-05 the first login', () => {
  const PAGES = [
    ['GET', 'e-contract/me'],
    ['GET', 'e-contract/users'],
    ['POST', 'e-contract/users'],
    ['PUT', 'e-contract/users/A1000101'],
    ['GET', 'e-contract/groups'],
    ['GET', 'e-contract/history'],
    ['GET', 'client-portal/me'],
    ['GET', 'back-office/history'],
  ] as const;

  it('EC-05 every page but the change of the password is refused until the change; the second login shows no prompt', async () => {
    const [userId] = await group('first@example.com');
    const initial = await initialPasswordOf(running, userId!);
    const browser = running.browser();
    const login = await attempt(userId!, initial, browser);
    expect(login.body).toMatchObject({ landing: 'passwordChange', account: { userId } });
    for (const [method, path] of PAGES) {
      expect(await browser.send(method, path, method === 'GET' ? undefined : {})).toMatchObject({
        status: 403,
        body: { code: 'PASSWORD_CHANGE_REQUIRED' },
      });
    }
    const page = await browser.get('e-contract/me/password');
    expect(page.body).toMatchObject({ initial: true, rule: { min: 8, max: 64, mandatory: ['letter', 'digit'] } });

    expect((await browser.put('e-contract/me/password', change(initial, OWN_PASSWORD))).status).toBe(200);
    expect((await browser.get('e-contract/me')).body).toMatchObject({ account: { userId } });
    expect((await browser.get('e-contract/users')).status).toBe(200);
    expect((await attempt(userId!, OWN_PASSWORD)).body).toMatchObject({ landing: 'menu' });
    expect((await attempt(userId!, initial)).status).toBe(401);
  });

  it('EC-05 the way out is open to somebody with an initial password', async () => {
    const [userId] = await group('leaves@example.com');
    const browser = running.browser();
    await attempt(userId!, await initialPasswordOf(running, userId!), browser);
    expect((await browser.delete('e-contract/sessions/current')).status).toBe(204);
    expect((await browser.get('e-contract/me/password')).status).toBe(401);
  });

  it('EC-05 a wrong current password leaves the prompt, and the initial password is no new one', async () => {
    const [userId] = await group('again@example.com');
    const initial = await initialPasswordOf(running, userId!);
    const browser = running.browser();
    await attempt(userId!, initial, browser);
    const path = 'e-contract/me/password';
    expect(await browser.put(path, change('Wrong2026', OWN_PASSWORD))).toMatchObject({
      status: 422,
      body: { code: 'CURRENT_PASSWORD_WRONG' },
    });
    expect(rules(await browser.put(path, change(initial, initial)))).toEqual(['newPassword:differsFromCurrent']);
    expect(rules(await browser.put(path, change('', '', '')))).toEqual([
      'currentPassword:required',
      'newPassword:required',
      'newPasswordRepeat:required',
    ]);
    expect((await browser.get('e-contract/me')).status).toBe(403);
    expect((await attempt(userId!, initial)).status).toBe(201);
  });

  it.each<[string, string[]]>([
    ['abcdef1', ['minLength']],
    [`${'a'.repeat(64)}1`, ['maxLength']],
    ['abcdefgh', ['digit']],
    ['12345678', ['letter']],
    ['abcd 5678', ['noSpace']],
    ['パスワードab12', ['halfWidth']],
  ])('EC-05 refuses %s as a new password and names %j', async (password, expected) => {
    const member = await partners.as((await group('rule@example.com'))[0]!);
    const answer = await member.put('e-contract/me/password', change(OWN_PASSWORD, password));
    expect(rules(answer)).toEqual(expected.map((rule) => `newPassword:${rule}`));
  });

  it.each(['abcdefg1', `${'a'.repeat(63)}1`, 'Ab1#"<>\\~!'])('EC-05 takes %s', async (password) => {
    const member = await partners.as((await group('rule@example.com'))[0]!);
    expect((await member.put('e-contract/me/password', change(OWN_PASSWORD, password))).status).toBe(200);
  });

  it('EC-05 a change ends the other sessions of the person, not its own', async () => {
    const [userId] = await group('two.sessions@example.com');
    const [one, other] = [await partners.as(userId!), await partners.as(userId!)];
    await one.put('e-contract/me/password', change(OWN_PASSWORD, 'Another2026'));
    expect((await one.get('e-contract/me')).status).toBe(200);
    expect((await other.get('e-contract/me')).status).toBe(401);
  });

  it('EC-05 nothing of a password is in an event, a log or the history', async () => {
    const [userId] = await group('secret@example.com');
    const initial = await initialPasswordOf(running, userId!);
    const member = await partners.as(userId!);
    const lines = JSON.stringify((await member.get('e-contract/history?limit=100')).body);
    const events = JSON.stringify(await running.service.events.read(`partner-${userId!.slice(0, -2)}`));
    for (const secret of [initial, OWN_PASSWORD])
      for (const place of [lines, events, running.logged()]) expect(place).not.toContain(secret);
  });
});
