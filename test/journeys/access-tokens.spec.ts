import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { colleague } from '../kit/staff.js';

const PATH = 'client-portal/access-tokens';
const ALL = ['cases:read', 'users:read', 'users:write', 'setup:read', 'history:read'];

let running: RunningService;
let portal: Portal;
beforeAll(async () => {
  running = await startForTests({ TOKEN_RATE_LIMIT_PER_MINUTE: '40' });
  portal = await preparedPortal(running);
});
afterAll(() => running.stop());

const rules = ({ body }: Answer) =>
  (body as { errors: { field: string; rule: string }[] }).errors.map(({ field, rule }) => `${field}:${rule}`);
type Made = { id: string; token: string; version: number };
const make = async (owner: Browser, scopes: string[], path = PATH, lifeDays = 30): Promise<Made> => {
  const { status, body } = await owner.post(path, { name: 'Nightly import', scopes, lifeDays });
  expect(status).toBe(201);
  return body as Made;
};
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const ask = (token: string, path: string) => running.browser().get(path, bearer(token));
const WRONG = { status: 401, body: { code: 'ACCESS_TOKEN_WRONG', title: 'The access token is not valid here.' } };

describe('an access token', () => {
  it('is shown once, listed by its last four characters, and reads what its scopes allow', async () => {
    const key = { headers: { 'idempotency-key': 'token-1' } };
    const form = { name: 'Nightly import', scopes: ['users:read', 'cases:read'], lifeDays: 30 };
    const made = await portal.manager.post(PATH, form, key);
    expect(made.status).toBe(201);
    expect(made.headers['cache-control']).toBe('no-store');
    const { id, token, version } = made.body as Made;
    expect(token).toMatch(/^shomei_[\w-]{43}$/);
    // A repetition makes no second one, and nobody can show the first again.
    expect((await portal.manager.post(PATH, form, key)).body).toEqual({ ...made.body, token: null });

    expect((await ask(token, 'client-portal/users')).status).toBe(200);
    expect((await ask(token, 'client-portal/cases')).body.items).toHaveLength(3);
    const { body } = await portal.manager.get(`${PATH}?minVersion=${version}`);
    expect(body.items.filter((item: { id: string }) => item.id === id)).toEqual([
      expect.objectContaining({
        status: 'valid',
        name: 'Nightly import',
        scopes: ['users:read', 'cases:read'],
        owner: 'kanri01',
        lastFour: token.slice(-4),
        lastUsedAt: expect.stringMatching(/\+09:00$/),
        actions: ['revoke'],
      }),
    ]);
    expect(JSON.stringify(body)).not.toContain(token);
    expect(running.logged()).not.toContain(token);
  });

  it('opens no route beyond its scopes, and none that is for people alone', async () => {
    const { token } = await make(portal.manager, ['users:read']);
    expect(await ask(token, 'client-portal/setup')).toMatchObject({
      status: 403,
      body: { code: 'NOT_PERMITTED', params: { permission: 'setup:read' } },
    });
    for (const path of ['client-portal/me', PATH, 'client-portal/history'])
      expect((await ask(token, path)).status).toBe(403);
    const program = running.browser();
    expect(await program.post(PATH, { name: 'x', scopes: ALL, lifeDays: 1 }, bearer(token))).toMatchObject({
      status: 403,
      body: { params: { permission: 'a person who is logged in' } },
    });
    expect((await ask(token, 'back-office/client-companies')).status).toBe(403);
  });

  it('commands without a CSRF token within its scopes, and the history names it and whose right it used', async () => {
    const { id, token } = await make(portal.manager, ['users:write', 'history:read']);
    const form = {
      displayName: 'Made by program',
      userId: 'by.program',
      password: 'View#2026',
      passwordRepeat: 'View#2026',
    };
    const created = await running.browser().post('client-portal/users', form, {
      headers: { ...bearer(token).headers, 'idempotency-key': 'user-1' },
    });
    expect(created.status).toBe(201);
    const lines = await eventually(
      async () => (await ask(token, `client-portal/history?target=${created.body.id}`)).body.items,
      (items: object[]) => items.length === 1,
    );
    expect(lines[0]).toMatchObject({
      operation: 'client-portal.CreatePortalUser',
      tenant: portal.clientCode,
      actor: { kind: 'program', id, name: 'Nightly import' },
      onBehalfOf: expect.any(String),
    });
    const issuing = await eventually(
      async () => (await portal.manager.get(`client-portal/history?target=${id}`)).body.items,
      (items: { operation: string }[]) => items.some(({ operation }) => operation === 'identity.IssueAccessToken'),
    );
    expect(JSON.stringify(issuing)).not.toContain(token);
  });

  it('sees its own tenant only', async () => {
    const other = await preparedPortal(running);
    const { id, token } = await make(portal.manager, ALL);
    const foreign = await other.user('foreign.user');
    expect((await ask(token, `client-portal/users/${foreign}`)).status).toBe(404);
    expect(await other.manager.delete(`${PATH}/${id}`)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await other.manager.get(PATH)).body.items).toEqual([]);
    expect((await ask(token, 'client-portal/cases')).status).toBe(200);
  });

  it('is out at once when it is revoked', async () => {
    const { id, token } = await make(portal.manager, ['cases:read']);
    expect((await ask(token, 'client-portal/cases')).status).toBe(200);
    const revoked = await portal.manager.delete(`${PATH}/${id}`);
    expect(revoked.status).toBe(200);
    expect(await ask(token, 'client-portal/cases')).toMatchObject(WRONG);
    expect(await portal.manager.delete(`${PATH}/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'ACCESS_TOKEN_REVOKED' },
    });
    const { body } = await portal.manager.get(`${PATH}?minVersion=${revoked.body.version}`);
    expect(body.items.find((item: { id: string }) => item.id === id)).toMatchObject({ status: 'revoked', actions: [] });
  });

  it.each([
    ['nothing', 'Bearer '],
    ['another scheme', 'Basic c2FtcGxlOnNhbXBsZQ=='],
    ['a guess', `Bearer shomei_${'A'.repeat(43)}`],
    ['something long', `Bearer ${'x'.repeat(5000)}`],
  ])('answers %s like every other wrong one', async (_, authorization) => {
    const answer = await running.browser().get('client-portal/cases', { headers: { authorization } });
    expect(answer).toMatchObject(WRONG);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    // Nor does a session beside it help: whoever shows a token wants to be judged by it.
    expect(await portal.manager.get('client-portal/cases', { headers: { authorization } })).toMatchObject(WRONG);
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['name:required', 'scopes:required', 'lifeDays:required']],
    ['no scope', { name: 'x', scopes: [], lifeDays: 1 }, ['scopes:required']],
    ["the back office's scope", { name: 'x', scopes: ['companies:read'], lifeDays: 1 }, ['scopes:oneOf']],
    ['no day', { name: 'x', scopes: ALL, lifeDays: 0 }, ['lifeDays:format']],
    ['367 days', { name: 'x', scopes: ALL, lifeDays: 367 }, ['lifeDays:format']],
    ['half a day', { name: 'x', scopes: ALL, lifeDays: 1.5 }, ['lifeDays:format']],
    ['a long name', { name: 'x'.repeat(65), scopes: ALL, lifeDays: 1 }, ['name:maxLength']],
  ])('is not made with %s', async (_, form, expected) => {
    const answer = await portal.manager.post(PATH, form);
    expect(answer.status).toBe(400);
    expect(rules(answer)).toEqual(expected);
  });

  it('is not made by a user, and at most twenty are valid at a time', async () => {
    const other = await preparedPortal(running);
    await other.user('no.tokens');
    const user = await other.as('no.tokens');
    expect((await user.post(PATH, { name: 'x', scopes: ALL, lifeDays: 1 })).status).toBe(403);
    const first = await make(other.manager, ALL, PATH, 366);
    for (let n = 1; n < 20; n += 1) await make(other.manager, ALL, PATH, 1);
    const more = () => other.manager.post(PATH, { name: 'x', scopes: ALL, lifeDays: 1 });
    expect(await more()).toMatchObject({ status: 422, body: { code: 'ACCESS_TOKEN_LIMIT', params: { max: 20 } } });
    expect((await other.manager.delete(`${PATH}/${first.id}`)).status).toBe(200);
    expect((await more()).status).toBe(201);
  });

  it('is held back when it asks too often, whatever address it asks from, and others are not', async () => {
    const { token } = await make(portal.manager, ['cases:read']);
    const { token: other } = await make(portal.manager, ['cases:read']);
    const statuses: number[] = [];
    let last: Answer | undefined;
    for (let n = 0; n < 41; n += 1) {
      last = await running.browser(`198.51.100.${n}`).get('client-portal/cases', bearer(token));
      statuses.push(last.status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    expect(last).toMatchObject({ status: 429, body: { code: 'TOO_MANY_TRIES' } });
    expect(Number(last!.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(other, 'client-portal/cases')).status).toBe(200);
  });
});

describe("the back office's own tokens", () => {
  const OWN = 'back-office/access-tokens';

  it('register a company and read it back', async () => {
    const administrator = await running.staff();
    const { token } = await make(administrator, ['companies:read', 'companies:write', 'history:read'], OWN);
    const form = { clientCode: 'CPROGRAM1', name: 'Example Tunnel Construction Co.' };
    const answer = await running.browser().post('back-office/client-companies', form, bearer(token));
    expect(answer.status).toBe(201);
    expect((await ask(token, `back-office/client-companies/CPROGRAM1?minVersion=${answer.body.version}`)).status).toBe(
      200,
    );
    const account = 'back-office/client-companies/CPROGRAM1/management-account';
    // Initial passwords are for people to see.
    expect((await running.browser().post(account, { userId: 'kanri01' }, bearer(token))).status).toBe(403);
  });

  it.each<[string, (administrator: Browser, id: string) => Promise<Answer>, string]>([
    ['locked', (administrator, id) => administrator.post(`back-office/staff/${id}/lock`), 'ownerLocked'],
    ['deleted', (administrator, id) => administrator.delete(`back-office/staff/${id}`), 'ownerDeleted'],
    [
      'given another role',
      (administrator, id) => administrator.put(`back-office/staff/${id}/role`, { role: 'auditor' }),
      'ownerRoleChanged',
    ],
  ])('end with their owner, who was %s', async (_, happens, reason) => {
    const administrator = await running.staff();
    const { id, browser } = await colleague(running, administrator, 'administrator');
    const made = await make(browser, ['companies:read'], OWN);
    expect((await ask(made.token, 'back-office/client-companies')).status).toBe(200);
    expect((await happens(administrator, id)).status).toBe(200);
    expect(await ask(made.token, 'back-office/client-companies')).toMatchObject(WRONG);
    await eventually(
      async () => (await administrator.get(`${OWN}?limit=100`)).body.items,
      (items: { id: string; status: string }[]) =>
        items.some((item) => item.id === made.id && item.status === 'revoked'),
    );
    const lines = await eventually(
      async () => (await administrator.get(`back-office/history?target=${made.id}`)).body.items,
      (items: object[]) => items.length === 2,
    );
    expect(lines[0]).toMatchObject({ actor: { kind: 'system' }, events: [{ data: { reason } }] });
    // Coming back does not bring them back.
    await administrator.post(`back-office/staff/${id}/unlock`);
    expect(await ask(made.token, 'back-office/client-companies')).toMatchObject(WRONG);
  });
});

it('runs out to the millisecond, and is listed as expired', async () => {
  const other = await preparedPortal(running);
  const form = { name: 'Nightly import', scopes: ['cases:read'], lifeDays: 1 };
  const { id, token, expiresAt } = (await other.manager.post(PATH, form)).body;
  await running.clock.standAt(new Date(Date.parse(expiresAt) - 1));
  expect((await ask(token, 'client-portal/cases')).status).toBe(200);
  await running.clock.standAt(expiresAt);
  expect(await ask(token, 'client-portal/cases')).toMatchObject(WRONG);
  const again = await other.as('kanri01', other.initialPassword);
  const { body } = await again.get(PATH);
  expect(body.items.find((item: { id: string }) => item.id === id)).toMatchObject({ status: 'expired' });
});

it('the API document names the scope of every route that programs may use', async () => {
  const answer = await running.service.app.inject({ url: '/api/v1/openapi.json' });
  const document = answer.json<{
    paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>>;
    components: { securitySchemes: Record<string, object> };
  }>();
  expect(document.components.securitySchemes['bearer']).toMatchObject({ type: 'http', scheme: 'bearer' });
  expect(document.paths['/api/v1/client-portal/users']!['get']!.security).toContainEqual({ bearer: ['users:read'] });
  const offered = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .flatMap(({ security = [] }) => security.flatMap((way) => way['bearer'] ?? []));
  expect([...new Set(offered)].sort()).toEqual([...new Set([...ALL, 'companies:read', 'companies:write'])].sort());
  expect(JSON.stringify(document)).not.toContain('x-scope');
});

describe('the programs of a company', () => {
  it('are counted where its initial password is issued anew, and seen and revoked by an administrator', async () => {
    const other = await preparedPortal(running);
    const { id, token, version } = await make(other.manager, ['users:read']);
    const company = `back-office/client-companies/${other.clientCode}`;
    const reissued = await other.staff.post(`${company}/management-account/initial-password`);
    expect(reissued).toMatchObject({ status: 201, body: { validAccessTokens: 1 } });
    expect((await ask(token, 'client-portal/users')).status).toBe(200);
    const listed = await other.staff.get(`${company}/access-tokens?minVersion=${version}`);
    expect(listed.body.items).toEqual([expect.objectContaining({ id, status: 'valid', owner: 'kanri01' })]);
    expect(JSON.stringify(listed.body)).not.toContain(token);
    const { browser: staff } = await colleague(running, other.staff, 'staff');
    for (const who of [staff, other.manager, portal.manager])
      expect((await who.delete(`${company}/access-tokens/${id}`)).status).not.toBe(200);
    expect((await other.staff.delete(`${company}/access-tokens/${id}`)).status).toBe(200);
    expect(await ask(token, 'client-portal/users')).toMatchObject(WRONG);
    const none = await other.staff.post(`${company}/management-account/initial-password`);
    expect(none.body).toMatchObject({ validAccessTokens: 0 });
    expect((await other.staff.delete(`${company}/access-tokens/${id}`)).status).toBe(409);
    const elsewhere = `back-office/client-companies/${portal.clientCode}/access-tokens/${id}`;
    expect((await other.staff.delete(elsewhere)).status).toBe(404);
  });
});
