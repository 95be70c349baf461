import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { colleague, STAFF_PASSWORD } from '../kit/staff.js';

let running: RunningService;
let administrator: Browser;
beforeAll(async () => {
  running = await startForTests();
  administrator = await running.staff();
});
afterAll(() => running.stop());

const rules = ({ body }: Answer) =>
  (body as { errors: { field: string; rule: string }[] }).errors.map(({ field, rule }) => `${field}:${rule}`);
const change = (currentPassword: string, newPassword: string, newPasswordRepeat = newPassword) => ({
  currentPassword,
  newPassword,
  newPasswordRepeat,
});
const logIn = async (loginId: string, password: string) => {
  const browser = running.browser();
  return { browser, answer: await browser.post('back-office/sessions', { loginId, password }) };
};

describe('a new account of the back office', () => {
  it('also the one of the first start, has an initial password to begin with', async () => {
    const { loginId, password } = running.service.firstCredential!;
    const [line] = await eventually(
      async () =>
        (await administrator.get(`back-office/history?target=${loginId}&operation=identity.RegisterStaff`)).body
          .items as { events: { type: string }[] }[],
      (lines) => lines.length > 0,
    );
    expect(line!.events.map(({ type }) => type)).toContain('identity.StaffInitialPasswordIssued');
    expect((await logIn(loginId, password)).answer.status).toBe(401);
  });

  it('gets an initial password, shown once, which opens nothing but its own change', async () => {
    const loginId = 'first.login';
    const path = 'back-office/staff';
    const form = { loginId, name: 'Sample Staff', role: 'staff' };
    const key = { headers: { 'idempotency-key': 'first-login' } };
    const made = await administrator.post(path, form, key);
    expect(made.status).toBe(201);
    expect(made.headers['cache-control']).toBe('no-store');
    expect((await administrator.post(path, form, key)).body).toEqual(made.body);
    const { id, version, notice } = made.body;
    expect(JSON.stringify((await administrator.get(`${path}/${id}?minVersion=${version}`)).body)).not.toContain(
      notice.initialPassword,
    );

    const { browser, answer } = await logIn(loginId, notice.initialPassword);
    expect(answer).toMatchObject({ status: 201, body: { mustChangePassword: true, account: { role: 'staff' } } });
    for (const closed of ['back-office/client-companies', 'back-office/history'])
      expect(await browser.get(closed)).toMatchObject({ status: 403, body: { code: 'PASSWORD_CHANGE_REQUIRED' } });
    expect(
      await browser.post('back-office/client-companies', { clientCode: 'C00123', name: 'Example Bridge' }),
    ).toMatchObject({ status: 403, body: { code: 'PASSWORD_CHANGE_REQUIRED' } });
    expect((await browser.get('back-office/me')).body).toMatchObject({ mustChangePassword: true, loginId });

    const password = 'back-office/me/password';
    const same = await browser.put(password, change(notice.initialPassword, notice.initialPassword));
    expect(rules(same)).toEqual(['newPassword:sameAsBefore']);
    expect((await browser.get('back-office/client-companies')).status).toBe(403);
    expect((await browser.put(password, change(notice.initialPassword, STAFF_PASSWORD))).status).toBe(200);
    expect((await browser.get('back-office/client-companies')).status).toBe(200);
    expect((await browser.get('back-office/me')).body).toMatchObject({ mustChangePassword: false });
    expect((await logIn(loginId, notice.initialPassword)).answer.status).toBe(401);
    expect((await logIn(loginId, STAFF_PASSWORD)).answer.body).toMatchObject({ mustChangePassword: false });
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['loginId:required', 'name:required', 'role:required']],
    ['three characters', { loginId: 'abc', name: 'S', role: 'staff' }, ['loginId:minLength']],
    ['33 characters', { loginId: 'a'.repeat(33), name: 'S', role: 'staff' }, ['loginId:maxLength']],
    ['capitals', { loginId: 'Staff', name: 'S', role: 'staff' }, ['loginId:noUpperCase']],
    ['a blank name', { loginId: 'staff', name: '  ', role: 'staff' }, ['name:required']],
    ['a long name', { loginId: 'staff', name: 'x'.repeat(65), role: 'staff' }, ['name:maxLength']],
    ['an unknown role', { loginId: 'staff', name: 'S', role: 'root' }, ['role:oneOf']],
  ])('refuses %s', async (_, form, expected) => {
    const answer = await administrator.post('back-office/staff', form);
    expect(answer.status).toBe(400);
    expect(rules(answer)).toEqual(expected);
  });

  it('takes a login ID of 4 and of 32 characters, once each, and never again after a deletion', async () => {
    for (const loginId of ['abcd', 'b'.repeat(32)]) {
      const form = { loginId, name: 'x'.repeat(64), role: 'auditor' };
      const made = await administrator.post('back-office/staff', form);
      expect(made.status).toBe(201);
      const taken = { status: 409, body: { code: 'STAFF_EXISTS' } };
      expect(await administrator.post('back-office/staff', form)).toMatchObject(taken);
      expect((await administrator.delete(`back-office/staff/${made.body.id}`)).status).toBe(200);
      expect(await administrator.post('back-office/staff', form)).toMatchObject(taken);
    }
  });
});

describe('the own password', () => {
  it.each<[string, string[]]>([
    ['Lantern-202', ['minLength']],
    [`Lantern-2026${'x'.repeat(53)}`, ['maxLength']],
    ['lantern-lantern', ['digit']],
    ['2026-2026-2026', ['letter']],
    ['Lantern 20266', ['noSpace']],
  ])('refuses %s and names %j', async (password, expected) => {
    const { browser } = await colleague(running, administrator, 'staff');
    const answer = await browser.put('back-office/me/password', change(STAFF_PASSWORD, password));
    expect(rules(answer)).toEqual(expected.map((rule) => `newPassword:${rule}`));
  });

  it.each(['Lantern-2027', `Lantern-2026${'x'.repeat(52)}`])(
    'takes %s, and whoever else was logged in with the old one is out',
    async (password) => {
      const { browser, loginId } = await colleague(running, administrator, 'staff');
      const other = await logIn(loginId, STAFF_PASSWORD);
      const wrong = await browser.put('back-office/me/password', change('Wrong-2026-2026', password));
      expect(wrong).toMatchObject({ status: 422, body: { code: 'CURRENT_PASSWORD_WRONG' } });
      expect((await browser.put('back-office/me/password', change(STAFF_PASSWORD, password))).status).toBe(200);
      expect((await browser.get('back-office/me')).status).toBe(200);
      expect((await other.browser.get('back-office/me')).status).toBe(401);
      expect((await logIn(loginId, STAFF_PASSWORD)).answer.status).toBe(401);
      expect((await logIn(loginId, password)).answer.status).toBe(201);
    },
  );

  it('that was forgotten is issued anew by an administrator, with a forced change', async () => {
    const { browser, id, loginId } = await colleague(running, administrator, 'staff');
    const issued = await administrator.post(`back-office/staff/${id}/initial-password`);
    expect(issued.status).toBe(201);
    expect((await browser.get('back-office/me')).status).toBe(401);
    expect((await logIn(loginId, STAFF_PASSWORD)).answer.status).toBe(401);
    expect((await logIn(loginId, issued.body.notice.initialPassword)).answer.body).toMatchObject({
      mustChangePassword: true,
    });
  });
});

describe('administrators', () => {
  it('list the accounts, page by page, with what may be done to each', async () => {
    const { id, loginId } = await colleague(running, administrator, 'staff');
    const seen: { id: string; loginId: string; status: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await administrator.get(`back-office/staff?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(seen.find((item) => item.id === id)).toMatchObject({
      loginId,
      status: 'active',
      role: 'staff',
      mustChangePassword: false,
      actions: ['lock', 'giveRole', 'reissueInitialPassword', 'releaseLogin', 'delete'],
    });
    const ids = seen.map((item) => item.loginId);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(seen.find((item) => item.loginId === 'back.office')).toMatchObject({ actions: ['changeOwnPassword'] });
  });

  it('lock an account, which is out at once and answers like one that never was, and unlock it', async () => {
    const { browser, id, loginId } = await colleague(running, administrator, 'staff');
    const path = `back-office/staff/${id}`;
    const locked = await administrator.post(`${path}/lock`);
    expect(locked.status).toBe(200);
    expect((await browser.get('back-office/me')).status).toBe(401);
    expect((await logIn(loginId, STAFF_PASSWORD)).answer).toMatchObject({
      status: 401,
      body: { code: 'CREDENTIALS_WRONG' },
    });
    expect((await administrator.get(`${path}?minVersion=${locked.body.version}`)).body).toMatchObject({
      status: 'locked',
    });
    const wrongState = { status: 409, body: { code: 'STAFF_STATE_WRONG', params: { state: 'locked' } } };
    expect(await administrator.post(`${path}/lock`)).toMatchObject(wrongState);
    expect((await administrator.post(`${path}/unlock`)).status).toBe(200);
    expect((await administrator.post(`${path}/unlock`)).status).toBe(409);
    expect((await logIn(loginId, STAFF_PASSWORD)).answer.status).toBe(201);
  });

  it('delete an account, whose history stays', async () => {
    const { browser, id, loginId } = await colleague(running, administrator, 'staff');
    const gone = await administrator.delete(`back-office/staff/${id}`);
    expect(gone.status).toBe(200);
    expect((await browser.get('back-office/me')).status).toBe(401);
    expect((await logIn(loginId, STAFF_PASSWORD)).answer.status).toBe(401);
    expect((await administrator.post(`back-office/staff/${id}/lock`)).status).toBe(404);
    await eventually(
      async () => (await administrator.get(`back-office/history?target=${loginId}&order=oldest`)).body.items,
      (lines: { operation: string }[]) => lines.some(({ operation }) => operation === 'identity.DeleteStaff'),
    );
  });

  it('release the lock that wrong passwords left', async () => {
    const { id, loginId } = await colleague(running, administrator, 'staff');
    for (let n = 0; n < 5; n += 1) expect((await logIn(loginId, 'Wrong-2026-2026')).answer.status).toBe(401);
    expect((await logIn(loginId, STAFF_PASSWORD)).answer.status).toBe(423);
    expect((await administrator.post(`back-office/staff/${id}/release-login`)).status).toBe(200);
    expect((await logIn(loginId, STAFF_PASSWORD)).answer.status).toBe(201);
  });

  it('do nothing of it to their own account', async () => {
    const { browser, id } = await colleague(running, administrator, 'administrator');
    const path = `back-office/staff/${id}`;
    const refused = { status: 422, body: { code: 'OWN_ACCOUNT' } };
    expect(await browser.post(`${path}/lock`)).toMatchObject(refused);
    expect(await browser.delete(path)).toMatchObject(refused);
    expect(await browser.put(`${path}/role`, { role: 'staff' })).toMatchObject(refused);
    expect(await browser.post(`${path}/initial-password`)).toMatchObject(refused);
    expect((await browser.get('back-office/staff')).status).toBe(200);
  });

  it('give another role, which counts from the next login on', async () => {
    const { browser, id, loginId } = await colleague(running, administrator, 'administrator');
    expect((await administrator.put(`back-office/staff/${id}/role`, { role: 'staff' })).status).toBe(200);
    expect((await browser.get('back-office/staff')).status).toBe(401);
    const again = await logIn(loginId, STAFF_PASSWORD);
    expect(await again.browser.get('back-office/staff')).toMatchObject({
      status: 403,
      body: { code: 'NOT_PERMITTED', params: { permission: 'administration' } },
    });
    const [line] = await eventually(
      async () =>
        (await administrator.get(`back-office/history?target=${id}&operation=identity.GiveStaffRole`)).body.items,
      (lines: { events: { data: object }[] }[]) => lines.length === 1,
    );
    expect(line!.events[0]!.data).toMatchObject({ before: 'administrator', after: 'staff' });
  });

  it('are the only ones to do so: staff, customers and strangers are refused', async () => {
    const { browser: staff } = await colleague(running, administrator, 'staff');
    const { manager } = await preparedPortal(running);
    for (const path of ['back-office/staff', 'back-office/access-tokens']) {
      expect((await staff.get(path)).status).toBe(403);
      expect((await manager.get(path)).status).toBe(403);
      expect((await running.browser().get(path)).status).toBe(401);
    }
    expect((await staff.get('back-office/client-companies')).status).toBe(200);
  });
});

describe('an auditor', () => {
  it('reads the history of all services and commands nothing', async () => {
    const { browser: auditor } = await colleague(running, administrator, 'auditor');
    expect((await auditor.get('back-office/history')).status).toBe(200);
    const refused = { status: 403, body: { code: 'NOT_PERMITTED' } };
    const document = running.service.app.inject({ url: '/api/v1/openapi.json' });
    const { paths } = (await document).json<{ paths: Record<string, Record<string, object>> }>();
    const own = ['/me/password', '/sessions'];
    const commands = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter(
          (method) => method !== 'get' && path.includes('/back-office/') && !own.some((part) => path.includes(part)),
        )
        .map((method) => [method, path] as const),
    );
    expect(commands.length).toBeGreaterThan(10);
    for (const [method, path] of commands) {
      const url = path.replace(/\{\w+\}/g, 'x');
      expect(await auditor.send(method.toUpperCase() as 'POST', url, {})).toMatchObject(refused);
    }
  });
});
