import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rescueCommand } from '../../src/entrypoints/rescue.js';
import type { Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { colleague, STAFF_PASSWORD } from '../kit/staff.js';

let running: RunningService;
let administrator: Browser;
beforeAll(async () => {
  running = await startForTests();
  administrator = await running.staff();
});
afterAll(() => running.stop());

const logIn = async (loginId: string, password: string, address?: string) => {
  const browser = running.browser(address);
  const { status, body } = await browser.post('back-office/sessions', { loginId, password });
  return { browser, status, code: (body as { code?: string }).code };
};
const guess = async (loginId: string, address: string, times = 5) => {
  for (let n = 0; n < times; n += 1) await logIn(loginId, 'Wrong-2026-2026', address);
};

describe('the last administrator', () => {
  it.each([
    ['lock', (id: string) => (browser: Browser) => browser.post(`back-office/staff/${id}/lock`)],
    ['delete', (id: string) => (browser: Browser) => browser.delete(`back-office/staff/${id}`)],
    ['demote', (id: string) => (browser: Browser) => browser.put(`back-office/staff/${id}/role`, { role: 'staff' })],
  ])('is left where two %s each other at the same moment', async (_, of) => {
    for (let round = 0; round < 3; round += 1) {
      const [one, other] = [
        await colleague(running, administrator, 'administrator'),
        await colleague(running, administrator, 'administrator'),
      ];
      const answers = await Promise.all([of(other.id)(one.browser), of(one.id)(other.browser)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
      const left = answers[0].status === 200 ? one : other;
      expect((await left.browser.get('back-office/staff')).status).toBe(200);
      const again = await logIn(left.loginId, STAFF_PASSWORD);
      expect((await again.browser.get('back-office/staff')).status).toBe(200);
    }
  });
});

describe('strangers who guess', () => {
  it('keep nobody out who comes from elsewhere', async () => {
    const { loginId } = await colleague(running, administrator, 'administrator');
    await guess(loginId, '198.51.100.1');
    expect(await logIn(loginId, STAFF_PASSWORD, '198.51.100.1')).toMatchObject({ status: 423, code: 'ACCOUNT_LOCKED' });
    expect((await logIn(loginId, STAFF_PASSWORD, '203.0.113.1')).status).toBe(201);
  });

  it('are slow from many networks too, and even so keep out neither a known browser nor a known network', async () => {
    const { loginId, browser } = await colleague(running, administrator, 'administrator');
    for (let n = 1; n <= 10; n += 1) await guess(loginId, `2001:db8:0:${n}::${n}`);
    // A whole network of the size that everybody gets is one place.
    expect((await logIn(loginId, STAFF_PASSWORD, '2001:db8:0:1::ffff')).status).toBe(423);
    expect((await logIn(loginId, STAFF_PASSWORD, '203.0.113.2')).status).toBe(423);
    // The account was set up from here.
    expect((await logIn(loginId, STAFF_PASSWORD)).status).toBe(201);
    browser.forgetSession();
    expect((await browser.post('back-office/sessions', { loginId, password: STAFF_PASSWORD })).status).toBe(201);
    // The owner has logged in, so strangers begin anew.
    await running.clock.advance('31m');
    expect((await logIn(loginId, STAFF_PASSWORD, '203.0.113.2')).status).toBe(201);
  });
});

describe('whoever runs the service', () => {
  // Time was moved past the sessions of before.
  beforeAll(async () => {
    administrator = await running.staff();
  });
  const rescue = (loginId: string) =>
    rescueCommand({ ...running.config, eventStoreUrl: running.eventStoreUrl }, loginId);
  const passwordIn = (said: string) => /Password\s+(\S+)/.exec(said)![1]!;

  it('gets an account back that was locked, demoted and guessed at, and the history says so', async () => {
    const { id, loginId, browser } = await colleague(running, administrator, 'administrator');
    expect((await administrator.put(`back-office/staff/${id}/role`, { role: 'staff' })).status).toBe(200);
    expect((await administrator.post(`back-office/staff/${id}/lock`)).status).toBe(200);
    await guess(loginId, '192.0.2.1');
    const password = passwordIn(await rescue(loginId));
    expect((await browser.get('back-office/me')).status).toBe(401);
    expect((await logIn(loginId, STAFF_PASSWORD)).status).toBe(401);
    const rescued = await logIn(loginId, password);
    expect(rescued.status).toBe(201);
    expect(await rescued.browser.get('back-office/staff')).toMatchObject({
      status: 403,
      body: { code: 'PASSWORD_CHANGE_REQUIRED' },
    });
    const change = { currentPassword: password, newPassword: 'Lantern-2030', newPasswordRepeat: 'Lantern-2030' };
    expect((await rescued.browser.put('back-office/me/password', change)).status).toBe(200);
    expect((await rescued.browser.get('back-office/staff')).status).toBe(200);
    const lines = await eventually(
      async () =>
        (await administrator.get(`back-office/history?target=${id}&operation=identity.RescueStaff`)).body
          .items as object[],
      (found) => found.length > 0,
    );
    expect(lines).toEqual([
      expect.objectContaining({
        actor: { kind: 'system', id: 'system', loginId: 'system', name: 'system' },
        result: 'success',
        events: [
          expect.objectContaining({ type: 'identity.StaffUnlocked' }),
          expect.objectContaining({ type: 'identity.StaffRoleGiven' }),
          expect.objectContaining({ type: 'identity.StaffInitialPasswordIssued' }),
        ],
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain(password);
  });

  it('ends the session of whoever is logged in as the account', async () => {
    const { loginId, browser } = await colleague(running, administrator, 'administrator');
    await rescue(loginId);
    expect((await browser.get('back-office/me')).status).toBe(401);
  });

  it.each(['nobody.here', ''])('is told where there is no such account: %j', async (loginId) => {
    await expect(rescue(loginId)).rejects.toThrow(`There is no account "${loginId}"`);
  });
});
