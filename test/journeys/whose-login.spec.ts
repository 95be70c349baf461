import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { done, OWN_PASSWORD, type Partners, preparedPartners, registrant } from '../kit/partners.js';
import { INITIAL, type Portal, preparedPortal, USER_PASSWORD } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { colleague, STAFF_PASSWORD } from '../kit/staff.js';

let running: RunningService;
let portal: Portal;
let partners: Partners;
beforeAll(async () => {
  running = await startForTests();
  portal = await preparedPortal(running);
  partners = await preparedPartners(running);
});
afterAll(() => running.stop());

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });
const change = (currentPassword: string, newPassword: string) => ({
  currentPassword,
  newPassword,
  newPasswordRepeat: newPassword,
});
const reissue = async ({ staff, clientCode }: Portal): Promise<string> => {
  const answer = await staff.post(`back-office/client-companies/${clientCode}/management-account/initial-password`);
  expect(answer.status).toBe(201);
  return (answer.body as { notice: { initialPassword: string } }).notice.initialPassword;
};

describe('CN-05 a login', () => {
  it('with a key and a password that was replaced since is refused, whoever the browser was logged in as', async () => {
    const { clientCode, initialPassword } = portal;
    await portal.user('other.staff');
    const browser = await portal.as('other.staff');
    const login = { clientCode, userId: 'kanri01', password: initialPassword };
    const cookie = `shomei_session=${browser.cookie('shomei_session')}`;
    const asOther = () =>
      running.browser().post('client-portal/sessions', login, { headers: { cookie, 'idempotency-key': 'login-1' } });
    // Kept alive: the login of before ended the session that it came with.
    const again = () => portal.as('other.staff');
    expect((await asOther()).status).toBe(201);
    await reissue(portal);
    const other = await again();
    const repeated = await running.browser().post('client-portal/sessions', login, {
      headers: { cookie: `shomei_session=${other.cookie('shomei_session')}`, 'idempotency-key': 'login-1' },
    });
    expect(repeated).toMatchObject({ status: 401, body: { code: 'CREDENTIALS_WRONG' } });
  });

  type Line = { actor: { kind: string; loginId: string }; tenant: string };
  const logins = (name: string, result: string, enough = 1) =>
    eventually(
      async () =>
        (
          await portal.staff.get(
            `back-office/history?operation=identity.RecordLogin&target=${name}&result=${result}&limit=100`,
          )
        ).body.items as Line[],
      (lines) => lines.length >= enough,
    );

  it('stands in the history under the account that logged in, also where a stranger was logged in before', async () => {
    const other = await preparedPortal(running);
    const password = await reissue(other);
    const browser = await portal.as('other.staff');
    const login = { clientCode: other.clientCode, userId: 'kanri01', password };
    expect((await browser.post('client-portal/sessions', login)).status).toBe(201);
    const lines = await logins('kanri01', 'success', 3);
    const theirs = lines.filter(({ tenant }) => tenant === other.clientCode);
    expect(theirs.length).toBeGreaterThan(1);
    for (const { actor } of theirs) expect(actor).toMatchObject({ kind: 'user', loginId: 'kanri01' });
  });

  it('that failed stands there under nobody', async () => {
    const browser = await portal.as('other.staff');
    const login = { clientCode: portal.clientCode, userId: 'nobody88', password: 'Wrong#2026' };
    expect((await browser.post('client-portal/sessions', login)).status).toBe(401);
    const [line] = await logins('nobody88', 'refused');
    expect(line).toMatchObject({ actor: { kind: 'anonymous' } });
  });

  it('of staff and of partners is theirs, too', async () => {
    const { loginId } = await colleague(running, portal.staff, 'auditor');
    for (const { actor } of await logins(loginId, 'success')) expect(actor).toMatchObject({ kind: 'auditor', loginId });
    await partners.company('EX800');
    const [userId] = await partners.office('EX800', null, [registrant('first@example.com')]);
    await partners.as(userId!);
    for (const { actor } of await logins(userId!, 'success'))
      expect(actor).toMatchObject({ kind: 'user', loginId: userId });
  });
});

describe('CN-09 a password that was changed twice', () => {
  const path = 'client-portal/me/password';

  it('and the first change repeated: the session stays with the newest one and ends with it', async () => {
    const other = await preparedPortal(running);
    const { manager, initialPassword } = other;
    const first = () => manager.put(path, change(initialPassword, INITIAL), keyed('change-1'));
    const answer = await first();
    expect(answer.status).toBe(200);
    expect((await manager.put(path, change(INITIAL, 'Third#2026'))).status).toBe(200);
    expect((await first()).body).toEqual(answer.body);
    // Still in force, so nothing of the second change was undone.
    expect((await manager.get('client-portal/me')).status).toBe(200);
    const third = await other.as('kanri01', 'Third#2026');
    expect((await third.put(path, change('Third#2026', 'Fourth#2026'))).status).toBe(200);
    expect((await manager.get('client-portal/me')).status).toBe(401);
    await reissue(other);
    for (const browser of [manager, third]) expect((await browser.get('client-portal/me')).status).toBe(401);
  });

  it('of staff likewise', async () => {
    const { browser, id } = await colleague(running, portal.staff, 'staff');
    const own = 'back-office/me/password';
    const first = () => browser.put(own, change(STAFF_PASSWORD, 'Lantern-2027'), keyed('change-2'));
    expect((await first()).status).toBe(200);
    expect((await browser.put(own, change('Lantern-2027', 'Lantern-2028'))).status).toBe(200);
    expect((await first()).status).toBe(200);
    expect((await browser.get('back-office/me')).status).toBe(200);
    expect((await portal.staff.post(`back-office/staff/${id}/initial-password`)).status).toBe(201);
    expect((await browser.get('back-office/me')).status).toBe(401);
  });
});

describe('a late repetition', () => {
  const logIn = async (loginId: string, password: string): Promise<Browser> => {
    const browser = running.browser();
    expect((await browser.post('back-office/sessions', { loginId, password })).status).toBe(201);
    return browser;
  };

  it('of a lock or of another role ends neither sessions nor tokens that came after it', async () => {
    const { id, loginId } = await colleague(running, portal.staff, 'administrator');
    const path = `back-office/staff/${id}`;
    const commands = [
      () => portal.staff.post(`${path}/lock`, undefined, keyed('lock-1')),
      () => portal.staff.put(`${path}/role`, { role: 'staff' }, keyed('role-1')),
    ];
    for (const command of commands) expect((await command()).status).toBe(200);
    expect((await portal.staff.post(`${path}/unlock`)).status).toBe(200);
    expect((await portal.staff.put(`${path}/role`, { role: 'administrator' })).status).toBe(200);
    await running.clock.advance('2m');
    const browser = await logIn(loginId, STAFF_PASSWORD);
    const form = { name: 'Nightly export', scopes: ['history:read'], lifeDays: 30 };
    const { token } = done(await browser.post('back-office/access-tokens', form)) as unknown as { token: string };
    for (const command of commands) expect((await command()).status).toBe(200);
    expect((await browser.get('back-office/me')).status).toBe(200);
    const program = { headers: { authorization: `Bearer ${token}` } };
    expect((await running.browser().get('back-office/history', program)).status).toBe(200);
  });

  it('of a new initial password does not end the login with it', async () => {
    const other = await preparedPortal(running);
    const path = `back-office/client-companies/${other.clientCode}/management-account/initial-password`;
    const again = () => other.staff.post(path, undefined, keyed('reissue-1'));
    const { notice } = (await again()).body as { notice: { initialPassword: string } };
    const manager = await other.as('kanri01', notice.initialPassword);
    expect((await manager.put('client-portal/me/password', change(notice.initialPassword, INITIAL))).status).toBe(200);
    expect((await again()).status).toBe(201);
    expect((await manager.get('client-portal/me')).status).toBe(200);
  });
});

describe('the current password', () => {
  it.each([
    ['client-portal/me/password', () => portal.as('other.staff'), 'New#20260', USER_PASSWORD],
    [
      'back-office/me/password',
      async () => (await colleague(running, portal.staff, 'staff')).browser,
      'Lantern-2029',
      STAFF_PASSWORD,
    ],
  ] as const)('is not guessed in a session that was left open: %s', async (path, browserOf, next, right) => {
    const browser = await browserOf();
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await browser.put(path, change(`Wrong#2026${n}`, next))).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
    const held = await browser.put(path, change(right, next));
    expect(held).toMatchObject({ status: 429, body: { code: 'TOO_MANY_TRIES' } });
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(0);
    await running.clock.advance('2m');
    expect((await browser.put(path, change(right, next))).status).toBe(200);
  });
});

describe('EC-01 a partner user', () => {
  it('who repeats an old change of the password is out as soon as the account is gone', async () => {
    await partners.company('EX900');
    const [admin, member] = await partners.office('EX900', null, [
      registrant('admin@example.com'),
      registrant('member@example.com', ['GROUP_ADMINISTRATOR', 'SIGNER']),
    ]);
    const [administrator, browser] = [await partners.as(admin!), await partners.as(member!)];
    const path = 'e-contract/me/password';
    const first = () => browser.put(path, change(OWN_PASSWORD, 'Second2026'), keyed('change-3'));
    expect((await first()).status).toBe(200);
    expect((await browser.put(path, change('Second2026', 'Third2026'))).status).toBe(200);
    expect((await first()).status).toBe(200);
    expect((await browser.get('e-contract/me')).status).toBe(200);
    expect((await administrator.delete(`e-contract/users/${member}`)).status).toBe(200);
    expect((await browser.get('e-contract/me')).status).toBe(401);
  });
});
