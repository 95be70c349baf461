import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../kit/browser.js';
import { type Portal, preparedPortal, USER_PASSWORD } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let portal: Portal;
beforeAll(async () => {
  running = await startForTests();
  portal = await preparedPortal(running);
});
afterAll(() => running.stop());

const rules = ({ body }: Answer) =>
  (body as { errors: { field: string; rule: string }[] }).errors.map(({ field, rule }) => `${field}:${rule}`);
const login = (over: object = {}) => ({
  clientCode: portal.clientCode,
  userId: 'kanri01',
  password: portal.initialPassword,
  ...over,
});
const attempt = (over: object = {}) => running.browser().post('client-portal/sessions', login(over));

describe('CN-04 the management account and its notice', () => {
  it('CN-04 the notice states client code, user ID and initial password, once, and a second account is refused', async () => {
    const { staff, clientCode } = portal;
    const company = `back-office/client-companies/${clientCode}`;
    const again = await staff.post(`${company}/management-account`, { userId: 'kanri02' });
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'MANAGEMENT_ACCOUNT_EXISTS', params: { userId: 'kanri01' } },
    });
    expect((await staff.get(company)).body).toMatchObject({ managementUserId: 'kanri01' });
  });

  it('CN-04 a repeated issue with the same key states the same notice; no answer of the notice may be cached', async () => {
    const { staff } = portal;
    const clientCode = `${portal.clientCode}X`;
    await staff.post('back-office/client-companies', { clientCode, name: 'Example Tunnel Construction Co.' });
    const issue = () =>
      staff.post(
        `back-office/client-companies/${clientCode}/management-account`,
        { userId: 'kanri01' },
        { headers: { 'idempotency-key': 'issue-1' } },
      );
    const [first, second] = [await issue(), await issue()];
    expect(first.status).toBe(201);
    expect(first.headers['cache-control']).toBe('no-store');
    expect(second.body).toEqual(first.body);
    const other = await staff.post(
      `back-office/client-companies/${clientCode}/management-account`,
      { userId: 'other' },
      { headers: { 'idempotency-key': 'issue-1' } },
    );
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  it('CN-04 only the back office issues it', async () => {
    const path = `back-office/client-companies/${portal.clientCode}/management-account`;
    expect(await portal.manager.post(path, { userId: 'kanri02' })).toMatchObject({
      status: 403,
      body: { code: 'NOT_PERMITTED' },
    });
    expect(await running.browser().post(path, { userId: 'kanri02' })).toMatchObject({
      status: 401,
      body: { code: 'NOT_LOGGED_IN' },
    });
  });
});

describe('CN-05 logging in', () => {
  it('CN-05 with the three values of the notice', async () =>
    expect(await attempt()).toMatchObject({
      status: 201,
      body: { account: { userId: 'kanri01', kind: 'management' } },
    }));

  it("CN-05 the user ID and password of one company open nothing under another company's client code", async () => {
    const other = await preparedPortal(running);
    // Both have an account of that ID, each with a password of its own.
    expect(await attempt({ clientCode: other.clientCode })).toMatchObject({
      status: 401,
      body: { code: 'CREDENTIALS_WRONG' },
    });
  });

  it.each([
    ['password', { password: 'Wrong#2026' }],
    ['user ID', { userId: 'nobody01' }],
    ['client code', { clientCode: 'C99999' }],
    ['case of the user ID', { userId: 'KANRI01' }],
  ])('CN-05 a wrong %s gets the one neutral message', async (_, over) => {
    const { status, body } = await attempt(over);
    const { correlationId, ...problem } = body as { correlationId: string };
    expect(correlationId).toEqual(expect.any(String));
    expect([status, problem]).toEqual([
      401,
      {
        type: 'urn:shomei:problem:CREDENTIALS_WRONG',
        title: 'Client code, user ID or password is wrong.',
        status: 401,
        code: 'CREDENTIALS_WRONG',
      },
    ]);
  });

  it('CN-05 missing fields are named, all of them', async () => {
    const answer = await running.browser().post('client-portal/sessions', {});
    expect(answer.status).toBe(400);
    expect(rules(answer)).toEqual(['clientCode:required', 'userId:required', 'password:required']);
  });

  it('CN-05 speaks Japanese to those who ask for it', async () => {
    const { body } = await running
      .browser()
      .post('client-portal/sessions', login({ password: 'Wrong#2026' }), { headers: { 'accept-language': 'ja' } });
    expect((body as { title: string }).title).toContain('クライアントコード');
  });

  it('CN-05 an unknown user ID takes as long as a known one', async () => {
    const { clientCode } = await preparedPortal(running);
    const times = { known: [] as number[], unknown: [] as number[] };
    const timed = async (into: number[], userId: string) => {
      const begin = performance.now();
      await attempt({ clientCode, userId, password: 'Wrong#2026' });
      into.push(performance.now() - begin);
    };
    // In turns, so that whatever else the machine does burdens both alike.
    for (let n = 0; n < 15; n += 1) {
      await timed(times.known, 'kanri01');
      await timed(times.unknown, `nobody-${n}`);
    }
    const median = (values: number[]) => values.sort((x, y) => x - y)[7]!;
    const ratio = median(times.unknown) / median(times.known);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});

describe('the lock', () => {
  it.each(['kanri01', 'nobody77'])(
    'falls after five wrong passwords for %s, known or not, and the back office releases it',
    async (userId) => {
      const other = await preparedPortal(running);
      const over = { clientCode: other.clientCode, userId };
      for (let n = 0; n < 5; n += 1) expect((await attempt({ ...over, password: 'Wrong#2026' })).status).toBe(401);
      const locked = await attempt({ ...over, password: other.initialPassword });
      expect(locked).toMatchObject({ status: 423, body: { code: 'ACCOUNT_LOCKED' } });
      const unlock = await other.staff.post(`back-office/client-companies/${other.clientCode}/unlock`, { userId });
      expect(unlock.status).toBe(200);
      expect((await attempt({ ...over, password: other.initialPassword })).status).toBe(
        userId === 'kanri01' ? 201 : 401,
      );
    },
  );

  it('opens by itself after half an hour, and never keeps out the browser that has logged in before', async () => {
    const other = await preparedPortal(running);
    const over = { clientCode: other.clientCode };
    for (let n = 0; n < 6; n += 1) await attempt({ ...over, password: 'Wrong#2026' });
    const right = { ...over, password: other.initialPassword };
    expect((await attempt(right)).status).toBe(423);
    other.manager.forgetSession();
    expect((await other.manager.post('client-portal/sessions', login(right))).status).toBe(201);
    await running.clock.advance('31m');
    expect((await attempt(right)).status).toBe(201);
  });
});

describe('sessions', () => {
  // The clock was moved past the sessions of before.
  beforeAll(async () => {
    portal = await preparedPortal(running);
  });

  it('CN-06 the management account lands on User Management', async () => {
    expect((await attempt()).body).toMatchObject({ landing: 'userManagement' });
    const manager = await portal.as('kanri01', portal.initialPassword);
    expect((await manager.get('client-portal/me')).body).toMatchObject({
      landing: 'userManagement',
      clientCode: portal.clientCode,
    });
  });

  it('CN-06 a user lands on the Top Page, and User Management is closed to it', async () => {
    await portal.user('lands.on.top');
    const user = await portal.as('lands.on.top');
    expect((await user.get('client-portal/me')).body).toMatchObject({ landing: 'topPage', account: { kind: 'user' } });
    expect(await user.get('client-portal/users')).toMatchObject({
      status: 403,
      body: { code: 'NOT_PERMITTED', params: { permission: 'user management' } },
    });
  });

  it('end after thirty idle minutes', async () => {
    const manager = await portal.as('kanri01', portal.initialPassword);
    await running.clock.advance('29m');
    expect((await manager.get('client-portal/me')).status).toBe(200);
    await running.clock.advance('29m');
    expect((await manager.get('client-portal/me')).status).toBe(200);
    await running.clock.advance('30m');
    expect(await manager.get('client-portal/me')).toMatchObject({ status: 401, body: { code: 'NOT_LOGGED_IN' } });
  });

  it('end twelve hours after the login, however busy they were, and cannot be made younger', async () => {
    const began = new Date(running.clock.now().getTime() + 1_000);
    await running.clock.standAt(began);
    const manager = await portal.as('kanri01', portal.initialPassword);
    for (let minutes = 25; minutes < 720; minutes += 25) {
      await running.clock.standAt(new Date(began.getTime() + minutes * 60_000));
      expect((await manager.get('client-portal/me')).status).toBe(200);
    }
    await running.clock.standAt(new Date(began.getTime() + 12 * 3_600_000 - 1));
    expect((await manager.get('client-portal/me')).status).toBe(200);
    await running.clock.standAt(new Date(began.getTime() + 12 * 3_600_000));
    expect(await manager.get('client-portal/me')).toMatchObject({ status: 401, body: { code: 'NOT_LOGGED_IN' } });
    const [, secret] = manager.cookie('shomei_session')!.split('.');
    const younger = `shomei_session=${running.clock.now().getTime().toString(36)}.${secret}`;
    const forged = await running.browser().get('client-portal/me', { headers: { cookie: younger } });
    expect(forged.status).toBe(401);
    await running.clock.advance(1);
  });

  it('end with logging out, for the old cookie too', async () => {
    const manager = await portal.as('kanri01', portal.initialPassword);
    const cookie = `shomei_session=${manager.cookie('shomei_session')}`;
    expect((await manager.delete('client-portal/sessions/current')).status).toBe(204);
    expect((await running.browser().get('client-portal/me', { headers: { cookie } })).status).toBe(401);
  });

  it('are held in a cookie that no script reads and no other site sends, and do nothing without the CSRF token', async () => {
    const { headers } = await attempt();
    for (const cookie of headers['set-cookie'] as string[]) expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    const manager = await portal.as('kanri01', portal.initialPassword);
    manager.csrfToken = null;
    expect(await manager.post('client-portal/users', {})).toMatchObject({
      status: 403,
      body: { code: 'CSRF_TOKEN_WRONG' },
    });
    manager.csrfToken = 'f'.repeat(64);
    expect((await manager.post('client-portal/users', {})).status).toBe(403);
  });
});

describe('CN-09, CN-10, CN-11 passwords', () => {
  // The clock was moved past the sessions of before.
  beforeAll(async () => {
    portal = await preparedPortal(running);
  });
  const change = (currentPassword: string, newPassword: string, newPasswordRepeat = newPassword) => ({
    currentPassword,
    newPassword,
    newPasswordRepeat,
  });
  const path = 'client-portal/me/password';

  it.each<[string, string[]]>([
    ['Ab#456', ['minLength']],
    ['Ab#456789012345678901234567890123', ['maxLength']],
    ['Abcdefg1', ['symbol']],
    ['abcdef#', ['digit']],
    ['123456#', ['letter']],
    ['Ab"45678', ['forbiddenCharacter']],
    ['Ａb#45678', ['halfWidth']],
    ['Ab 45678', ['symbol', 'noSpace']],
  ])('CN-10 refuses %s and names %j', async (password, expected) => {
    const answer = await portal.manager.put(path, change(portal.initialPassword, password));
    expect(answer.status).toBe(400);
    expect(rules(answer)).toEqual(expected.map((rule) => `newPassword:${rule}`));
  });

  it('CN-09 refuses blanks, a wrong repetition and a wrong current password', async () => {
    const blank = await portal.manager.put(path, change('', '', ''));
    expect(rules(blank)).toEqual(['currentPassword:required', 'newPassword:required', 'newPasswordRepeat:required']);
    const differs = await portal.manager.put(path, change(portal.initialPassword, 'Bridge#2026', 'Bridge#2027'));
    expect(rules(differs)).toEqual(['newPasswordRepeat:repeatDiffers']);
    const wrong = await portal.manager.put(path, change('Wrong#2026', 'Bridge#2026'));
    expect(wrong).toMatchObject({ status: 422, body: { code: 'CURRENT_PASSWORD_WRONG' } });
    expect((await attempt()).status).toBe(201);
  });

  it('CN-11 the initial password stays usable with a prompt, until CN-09 changes it', async () => {
    const other = await preparedPortal(running);
    const manager = await other.as('kanri01', other.initialPassword);
    expect((await manager.get('client-portal/me')).body).toMatchObject({
      landing: 'userManagement',
      banner: { en: 'Change the initial password.' },
    });
    expect((await manager.get('client-portal/setup')).body.steps[1]).toMatchObject({ step: 2, doneAt: null });
    const { status, body } = await manager.put(path, change(other.initialPassword, 'Bridge#2026'));
    expect(status).toBe(200);
    const setup = await manager.get(`client-portal/setup?minVersion=${body.version}`);
    expect(setup.body.steps[1].doneAt).toEqual(expect.stringMatching(/\+09:00$/));
    expect((await manager.get('client-portal/me')).body.banner).toBeNull();
    // Every other session of the account is out, the own one stays.
    expect((await other.manager.get('client-portal/me')).status).toBe(401);
    expect((await attempt({ clientCode: other.clientCode, password: other.initialPassword })).status).toBe(401);
    expect((await attempt({ clientCode: other.clientCode, password: 'Bridge#2026' })).status).toBe(201);
  });

  it.each(['Ab#4567', 'aB3!'.repeat(8)])('CN-10 takes %s', async (password) => {
    const other = await preparedPortal(running);
    expect((await other.manager.put(path, change(other.initialPassword, password))).status).toBe(200);
  });

  it('the back office issues the initial password anew, and whoever was logged in is out', async () => {
    const other = await preparedPortal(running);
    const { status, body } = await other.staff.post(
      `back-office/client-companies/${other.clientCode}/management-account/initial-password`,
    );
    expect(status).toBe(201);
    expect(body.notice.initialPassword).not.toBe(other.initialPassword);
    expect((await other.manager.get('client-portal/me')).status).toBe(401);
    expect((await attempt({ clientCode: other.clientCode, password: other.initialPassword })).status).toBe(401);
    expect((await attempt({ clientCode: other.clientCode, password: body.notice.initialPassword })).status).toBe(201);
  });

  it('a session whose change never counted ends with the password it stands on', async () => {
    const other = await preparedPortal(running);
    const stolen = await other.as('kanri01', other.initialPassword);
    const { events } = running.service;
    const append = events.append.bind(events);
    events.append = (stream, ...rest) =>
      stream === `clientCompany-${other.clientCode}`
        ? Promise.reject(new Error('the store is full'))
        : append(stream, ...rest);
    expect((await stolen.put(path, change(other.initialPassword, 'Never#2026'))).status).toBeGreaterThanOrEqual(500);
    events.append = append;
    expect((await stolen.get('client-portal/me')).status).toBe(200);
    expect((await other.manager.put(path, change(other.initialPassword, 'Bridge#2026'))).status).toBe(200);
    expect((await stolen.get('client-portal/me')).status).toBe(401);
    expect((await other.manager.get('client-portal/me')).status).toBe(200);
  });

  it("a user changes its own password by the same rule, and a key's repetition gets the first answer", async () => {
    await portal.user('own.password');
    const user = await portal.as('own.password');
    expect(rules(await user.put(path, change(USER_PASSWORD, 'abcdefg1')))).toEqual(['newPassword:symbol']);
    const changed = () =>
      user.put(path, change(USER_PASSWORD, 'Other#2026'), { headers: { 'idempotency-key': 'change-1' } });
    const [first, second] = [await changed(), await changed()];
    expect([first.status, second.body]).toEqual([200, first.body]);
    // No digest of a password stands in the event, and yet the key stands for this one alone.
    const third = await user.put(path, change(USER_PASSWORD, 'Third#2026'), {
      headers: { 'idempotency-key': 'change-1' },
    });
    expect(third).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    await portal.as('own.password', 'Other#2026');
  });

  it('a login is never the repetition of another, whatever key it carries', async () => {
    await portal.user('key.login');
    const login = (password: string) =>
      running
        .browser()
        .post(
          'client-portal/sessions',
          { clientCode: portal.clientCode, userId: 'key.login', password },
          { headers: { 'idempotency-key': 'login-1' } },
        );
    expect((await login(USER_PASSWORD)).status).toBe(201);
    expect((await login('Wrong#2026')).status).toBe(401);
    expect((await login(USER_PASSWORD)).status).toBe(201);
  });
});

it('no password, token or cookie is ever logged or recorded', async () => {
  const logged = running.logged();
  expect(logged).toContain('"route":"/api/v1/client-portal/sessions"');
  for (const secret of [
    portal.initialPassword,
    'Bridge#2026',
    USER_PASSWORD,
    portal.manager.cookie('shomei_session')!,
  ]) {
    expect(logged).not.toContain(secret);
  }
  const recorded = [];
  const feed = running.service.events.feed(null, ['client-portal.', 'identity.']);
  feed.onCaughtUp(() => setTimeout(() => void feed.stop(), 200));
  for await (const { recorded: event } of feed.events) recorded.push(JSON.stringify(event));
  expect(recorded.length).toBeGreaterThan(50);
  for (const secret of [portal.initialPassword, 'Bridge#2026', USER_PASSWORD, 'argon2']) {
    expect(recorded.join('')).not.toContain(secret);
  }
});
