import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Sessions } from '../../src/platform/access/sessions.js';
import type { Answer, Browser } from '../kit/browser.js';
import { type Portal, preparedPortal, USER_PASSWORD } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let portal: Portal;
let manager: Browser;
beforeAll(async () => {
  running = await startForTests();
});
beforeEach(async () => {
  portal = await preparedPortal(running);
  manager = portal.manager;
});
afterAll(() => running.stop());

const users = 'client-portal/users';
const rules = ({ body }: Answer) =>
  body.errors.map(({ field, rule }: { field: string; rule: string }) => `${field}:${rule}`);
const form = (over: object = {}) => ({
  displayName: 'Sample User',
  userId: 'sample.user_1',
  password: USER_PASSWORD,
  passwordRepeat: USER_PASSWORD,
  ...over,
});
const grantView = (id: string, acceptanceNumber: string) =>
  manager.post(`${users}/${id}/view-permissions`, { acceptanceNumber });
const tick = (id: string, acceptanceNumber: string, moveFrom?: string) =>
  manager.put(`${users}/${id}/procedure-permissions/${acceptanceNumber}`, moveFrom === undefined ? {} : { moveFrom });
const listed = async (minVersion: number) => (await manager.get(`${users}?minVersion=${minVersion}`)).body.items;
const casesOf = async (browser: Browser, minVersion: number) =>
  (await browser.get(`client-portal/cases?minVersion=${minVersion}`)).body.items;

describe('CN-07 User Management', () => {
  it('CN-07 offers the password change, adding users, and editing or deleting each', async () => {
    const { body } = await manager.post(users, form());
    const { body: screen } = await manager.get(`${users}?minVersion=${body.version}`);
    expect(screen.actions).toEqual(['changeOwnPassword', 'addUser']);
    expect(screen.items).toEqual([
      expect.objectContaining({
        displayName: 'Sample User',
        userId: 'sample.user_1',
        status: 'noPermission',
        caseCount: 0,
        actions: ['editPermissions', 'delete'],
      }),
    ]);
  });

  it('CN-07 is refused to users, and the refusal is recorded', async () => {
    await portal.user('curious');
    const user = await portal.as('curious');
    for (const answer of [
      await user.get(users),
      await user.post(users, form()),
      await user.get('client-portal/setup'),
    ]) {
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'NOT_PERMITTED', params: { permission: 'user management' } },
      });
    }
  });

  it('CN-07 pages through users in a stable order', async () => {
    for (const userId of ['user-c', 'user-a', 'user-d', 'user-b']) await portal.user(userId);
    const last = await manager.post(users, form());
    const first = await manager.get(`${users}?limit=2&minVersion=${last.body.version}`);
    const second = await manager.get(`${users}?limit=2&cursor=${first.body.nextCursor}`);
    const third = await manager.get(`${users}?limit=2&cursor=${second.body.nextCursor}`);
    const ids = [first, second, third].map(({ body }) => body.items.map(({ userId }: { userId: string }) => userId));
    expect(ids).toEqual([['sample.user_1', 'user-a'], ['user-b', 'user-c'], ['user-d']]);
    expect(third.body.nextCursor).toBeNull();
    expect(rules(await manager.get(`${users}?limit=101`))).toEqual(['limit:format']);
    expect(rules(await manager.get(`${users}?cursor=nonsense`))).toEqual(['cursor:format']);
  });
});

describe('CN-12 creating users', () => {
  it('CN-12 lists the new user without permissions, and CN-16 says what comes next', async () => {
    const { status, body } = await manager.post(users, form());
    expect(status).toBe(201);
    expect(body.next.en).toContain('can do nothing yet');
    expect(await listed(body.version)).toMatchObject([{ id: body.id, permissions: [] }]);
  });

  it('CN-12 refuses blanks, all at once', async () =>
    expect(rules(await manager.post(users, {}))).toEqual([
      'displayName:required',
      'userId:required',
      'password:required',
      'passwordRepeat:required',
    ]));

  it('CN-12 refuses a user ID in use, also that of the management account', async () => {
    await manager.post(users, form());
    expect(await manager.post(users, form())).toMatchObject({ status: 409, body: { code: 'USER_ID_TAKEN' } });
    expect(await manager.post(users, form({ userId: 'kanri01' }))).toMatchObject({
      status: 409,
      body: { code: 'USER_ID_TAKEN' },
    });
  });

  it('CN-12 refuses what nobody asked for', async () =>
    expect(rules(await manager.post(users, form({ role: 'management' })))).toEqual(['role:unknownField']));

  it.each(['見本 ユーザー#1', 'あ'.repeat(32), '𠮷'.repeat(32)])('CN-13 takes the name %s', async (displayName) =>
    expect((await manager.post(users, form({ displayName }))).status).toBe(201),
  );

  it.each([
    ['あ'.repeat(33), 'maxLength'],
    ['', 'required'],
    ['   ', 'required'],
    ['a\u0007b', 'noControlCharacter'],
  ])('CN-13 refuses the name %j: %s', async (displayName, rule) =>
    expect(rules(await manager.post(users, form({ displayName })))).toEqual([`displayName:${rule}`]),
  );

  it.each(['abcd', 'a.b-c_1', 'a'.repeat(32), '._-.'])('CN-14 takes the user ID %s', async (userId) =>
    expect((await manager.post(users, form({ userId }))).status).toBe(201),
  );

  it.each([
    ['abc', 'minLength'],
    ['Abcd', 'noUpperCase'],
    ['ab cd', 'noSpace'],
    ['ab@cd', 'allowedCharacters'],
    ['ａｂｃｄ', 'halfWidth'],
    ['a'.repeat(33), 'maxLength'],
  ])('CN-14 refuses the user ID %s: %s', async (userId, rule) =>
    expect(rules(await manager.post(users, form({ userId })))).toEqual([`userId:${rule}`]),
  );

  it('CN-15 refuses a password without a symbol in words, and no user exists', async () => {
    const answer = await manager.post(users, form({ password: 'abcdefg1', passwordRepeat: 'abcdefg1' }));
    expect(answer.body.errors).toEqual([{ field: 'password', rule: 'symbol', message: 'a symbol is required' }]);
    expect((await manager.get(users)).body.items).toEqual([]);
  });
});

describe('CN-16 a fresh user', () => {
  it('CN-16 sees no case and opens none', async () => {
    await portal.user('fresh');
    const fresh = await portal.as('fresh');
    expect((await fresh.get('client-portal/cases')).body.items).toEqual([]);
    expect(await fresh.get('client-portal/cases/R-2026-001')).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });
});

describe('CN-17, CN-18 mistakes', () => {
  it('CN-17 nothing can be edited; the user is deleted and made again', async () => {
    const id = await portal.user('smaple');
    expect(await manager.patch(`${users}/${id}`, { displayName: 'x' })).toMatchObject({
      status: 422,
      body: { code: 'IMMUTABLE' },
    });
    expect((await manager.delete(`${users}/${id}`)).status).toBe(200);
    expect((await manager.post(users, form({ userId: 'sample' }))).status).toBe(201);
  });

  it('CN-18 the deleted user is out at once, its permissions are gone, and the ID is free for somebody new', async () => {
    const id = await portal.user('smaple');
    await grantView(id, 'R-2026-001');
    await tick(id, 'R-2026-001');
    const user = await portal.as('smaple');
    const { body } = await manager.delete(`${users}/${id}`);
    expect((await user.get('client-portal/me')).status).toBe(401);
    const login = { clientCode: portal.clientCode, userId: 'smaple', password: USER_PASSWORD };
    expect((await running.browser().post('client-portal/sessions', login)).status).toBe(401);
    expect(await listed(body.version)).toEqual([]);
    const again = await portal.user('smaple');
    expect(again).not.toBe(id);
    await expect(portal.as('smaple')).resolves.toBeDefined();
    expect((await (await portal.as('smaple')).get('client-portal/cases')).body.items).toEqual([]);
  });

  it('CN-18 a user deleted just before the process died is out as soon as it is back', async () => {
    const id = await portal.user('smaple');
    const user = await portal.as('smaple');
    // Recorded by another process that died before it could end the session itself.
    const sessions = jest.spyOn(Sessions.prototype, 'endOf').mockImplementationOnce(() => Promise.resolve());
    await manager.delete(`${users}/${id}`);
    sessions.mockRestore();
    for (let tries = 0; (await user.get('client-portal/me')).status !== 401; tries += 1) {
      expect(tries).toBeLessThan(200);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  it('CN-18 neither the management account nor an unknown user is deleted', async () => {
    const { body } = await manager.get('client-portal/me');
    expect(await manager.delete(`${users}/${body.account.id}`)).toMatchObject({
      status: 422,
      body: { code: 'MANAGEMENT_ACCOUNT_STAYS' },
    });
    expect((await manager.delete(`${users}/00000000-0000-4000-8000-000000000000`)).status).toBe(404);
  });
});

describe('CN-19 … CN-21 view permission', () => {
  it('CN-19, CN-20 the editor shows what is held, and the user sees the case', async () => {
    const id = await portal.user('viewer');
    const { status, body } = await grantView(id, 'R-2026-001');
    expect(status).toBe(201);
    expect((await manager.get(`${users}/${id}?minVersion=${body.version}`)).body).toMatchObject({
      displayName: 'User viewer',
      status: 'viewUser',
      permissions: [{ acceptanceNumber: 'R-2026-001', standard: 'Standard A', view: true, procedure: false }],
    });
    const viewer = await portal.as('viewer');
    expect(await casesOf(viewer, body.version)).toEqual([
      { acceptanceNumber: 'R-2026-001', standard: 'Standard A', actions: ['view'] },
    ]);
  });

  it('CN-20 the case picker offers the cases of the company', async () =>
    expect(
      (await manager.get('client-portal/cases')).body.items.map(
        ({ acceptanceNumber }: { acceptanceNumber: string }) => acceptanceNumber,
      ),
    ).toEqual(['R-2026-001', 'R-2026-002', 'R-2026-101']));

  it('CN-20 refuses no case, an unknown one, one of another company, and one already granted', async () => {
    const id = await portal.user('viewer');
    const elsewhere = `back-office/client-companies/${(await preparedPortal(running)).clientCode}/cases`;
    await portal.staff.post(elsewhere, { acceptanceNumber: 'R-2026-777', standard: 'Standard A' });
    expect(rules(await manager.post(`${users}/${id}/view-permissions`, {}))).toEqual(['acceptanceNumber:required']);
    expect((await grantView(id, 'R-2026-999')).status).toBe(404);
    expect((await grantView(id, 'R-2026-777')).status).toBe(404);
    await grantView(id, 'R-2026-001');
    expect(await grantView(id, 'R-2026-001')).toMatchObject({ status: 409, body: { code: 'VIEW_PERMISSION_EXISTS' } });
  });

  it('CN-21 two cases take two grants, each with a version of its own', async () => {
    const id = await portal.user('viewer');
    const one = await grantView(id, 'R-2026-001');
    const two = await grantView(id, 'R-2026-002');
    expect(two.body.version).toBe(one.body.version + 1);
    expect((await manager.get(`${users}/${id}?minVersion=${two.body.version}`)).body.caseCount).toBe(2);
  });

  it('view permission is taken back, after the procedure box is unticked', async () => {
    const id = await portal.user('viewer');
    await grantView(id, 'R-2026-001');
    await tick(id, 'R-2026-001');
    const view = `${users}/${id}/view-permissions/R-2026-001`;
    expect(await manager.delete(view)).toMatchObject({ status: 422, body: { code: 'PROCEDURE_PERMISSION_HELD' } });
    expect((await manager.delete(`${users}/${id}/procedure-permissions/R-2026-001`)).status).toBe(200);
    const { body } = await manager.delete(view);
    expect(await listed(body.version)).toMatchObject([{ status: 'noPermission' }]);
  });
});

describe('CN-22, CN-23 procedure permission', () => {
  it('CN-22 needs view permission first', async () => {
    const id = await portal.user('procedurer');
    expect(await tick(id, 'R-2026-001')).toMatchObject({ status: 422, body: { code: 'VIEW_PERMISSION_FIRST' } });
    await grantView(id, 'R-2026-001');
    const { body } = await tick(id, 'R-2026-001');
    expect(await listed(body.version)).toMatchObject([{ status: 'procedureUser', permissions: [{ procedure: true }] }]);
  });

  it('CN-23 a second tick asks, and on yes moves it in one step', async () => {
    const [a, b] = [await portal.user('user-a'), await portal.user('user-b')];
    for (const id of [a, b]) await grantView(id, 'R-2026-001');
    const first = await tick(a, 'R-2026-001');
    expect(await tick(b, 'R-2026-001')).toMatchObject({
      status: 409,
      body: {
        code: 'PROCEDURE_USER_EXISTS',
        title: 'Move procedure permission from User user-a to User user-b? Repeat with confirmation to do so.',
        params: { holder: 'User user-a', holderUserId: 'user-a' },
      },
    });
    const { status, body } = await tick(b, 'R-2026-001', 'user-a');
    expect([status, body.version]).toEqual([200, first.body.version + 2]);
    expect(await listed(body.version)).toMatchObject([
      { userId: 'user-a', status: 'viewUser' },
      { userId: 'user-b', status: 'procedureUser' },
    ]);
  });
});

describe('CN-03, CN-24 limits', () => {
  const fill = async () => {
    const ids: string[] = [];
    for (const name of ['user-a', 'user-b', 'user-c', 'user-d', 'user-e', 'user-f']) ids.push(await portal.user(name));
    for (const id of ids.slice(0, 4)) await grantView(id, 'R-2026-001');
    return ids;
  };

  it('CN-03, CN-24 one procedure user and four view users per standard, no sixth, but room on another', async () => {
    const [a, , , , e, f] = (await fill()) as [string, string, string, string, string, string];
    expect(await grantView(e, 'R-2026-001')).toMatchObject({ status: 422, body: { code: 'VIEW_USER_LIMIT' } });
    await tick(a, 'R-2026-001');
    expect((await grantView(e, 'R-2026-001')).status).toBe(201);
    expect(await grantView(f, 'R-2026-001')).toMatchObject({ status: 422, body: { code: 'USER_LIMIT' } });
    const { status, body } = await grantView(f, 'R-2026-101');
    expect(status).toBe(201);
    const kinds = (await listed(body.version)).map((user: { status: string }) => user.status);
    expect(kinds).toEqual(['procedureUser', 'viewUser', 'viewUser', 'viewUser', 'viewUser', 'viewUser']);
    expect(await manager.delete(`${users}/${a}/procedure-permissions/R-2026-001`)).toMatchObject({
      status: 422,
      body: { code: 'VIEW_USER_LIMIT' },
    });
  });

  it('CN-03 one management account, one procedure user and four view users are what a full standard holds', async () => {
    const [a, , , , e] = (await fill()) as [string, string, string, string, string];
    await tick(a, 'R-2026-001');
    const { body } = await grantView(e, 'R-2026-001');
    const kinds = (await listed(body.version)).map((user: { status: string }) => user.status);
    expect(kinds.filter((kind: string) => kind === 'procedureUser')).toHaveLength(1);
    expect(kinds.filter((kind: string) => kind === 'viewUser')).toHaveLength(4);
    expect((await manager.get('client-portal/me')).body.account).toMatchObject({ kind: 'management' });
    // The management account is none of them, and takes nobody's place.
    expect(JSON.stringify(await listed(body.version))).not.toContain('kanri01');
  });

  it('CN-18 a deleted view user makes room for another', async () => {
    const [a, , , , e] = (await fill()) as [string, string, string, string, string];
    expect(await grantView(e, 'R-2026-001')).toMatchObject({ status: 422, body: { code: 'VIEW_USER_LIMIT' } });
    expect((await manager.delete(`${users}/${a}`)).status).toBe(200);
    expect((await grantView(e, 'R-2026-001')).status).toBe(201);
  });

  it('CN-24 refuses creation beyond five for each standard', async () => {
    for (let n = 0; n < 10; n += 1) await portal.user(`user-${n}`);
    expect(await manager.post(users, form())).toMatchObject({
      status: 422,
      body: { code: 'USER_LIMIT', params: { max: 10 } },
    });
  });

  it('CN-24 of two browsers that grant the last place at once, one wins', async () => {
    const [, , , , e, f] = (await fill()) as [string, string, string, string, string, string];
    await tick((await listed(0))[0].id, 'R-2026-001');
    const other = await portal.as('kanri01', portal.initialPassword);
    const grant = (browser: Browser, id: string) =>
      browser.post(`${users}/${id}/view-permissions`, { acceptanceNumber: 'R-2026-001' });
    const answers = await Promise.all([grant(manager, e), grant(other, f)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  });
});
