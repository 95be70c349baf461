import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { colleague } from '../kit/staff.js';

type Line = {
  operation: string;
  code: string | null;
  service: string;
  actor: { kind: string; id: string; loginId: string; name: string };
  onBehalfOf: string | null;
  clientAddress: string | null;
  correlationId: string;
};

let running: RunningService;
let portal: Portal;
beforeAll(async () => {
  running = await startForTests();
  portal = await preparedPortal(running);
});
afterAll(() => running.stop());

const linesOf = (browser: Browser, path: string, enough = 1): Promise<Line[]> =>
  eventually(
    async () => (await browser.get(path)).body.items as Line[],
    (lines) => lines.length >= enough,
  );
const recorded = async (): Promise<string> => {
  const events: string[] = [];
  const feed = running.service.events.feed(null, ['identity.']);
  feed.onCaughtUp(() => setTimeout(() => void feed.stop(), 200));
  for await (const { recorded: event } of feed.events) events.push(JSON.stringify(event));
  return events.join('\n');
};

describe('a password that was typed where the ID belongs', () => {
  const SECRETS = ['Bridge#2026', 'Lantern 2026!', 'p@ss Word'];

  it('is in no event, and the name of no stream can be made from it', async () => {
    for (const secret of SECRETS) {
      const logins = [
        ['back-office/sessions', { loginId: secret, password: 'x' }],
        ['client-portal/sessions', { clientCode: portal.clientCode, userId: secret, password: 'x' }],
        ['client-portal/sessions', { clientCode: secret, userId: 'kanri01', password: 'x' }],
        ['e-contract/sessions', { userId: secret, password: 'x' }],
      ] as const;
      for (const [path, body] of logins)
        expect((await running.browser('198.51.100.20').post(path, body)).status).toBe(401);
    }
    const text = await recorded();
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    expect(text).toContain('(no ID)');
    const odd = text
      .split('\n')
      .filter((line) => line.includes('"loginId":"(no ID)"'))
      .map((line) => JSON.parse(line) as { stream: string; metadata: { service: string } });
    const streams = new Set(odd.map(({ stream, metadata }) => `${metadata.service} ${stream}`));
    // One for each service (in the portal: for each company), whatever was typed.
    expect(streams.size).toBe(3);
  });
});

describe('what is refused', () => {
  it('for a wrong current password stands in the history', async () => {
    await portal.user('forgetful');
    const user = await portal.as('forgetful');
    const change = { currentPassword: 'Wrong#2026', newPassword: 'Right#2026', newPasswordRepeat: 'Right#2026' };
    expect((await user.put('client-portal/me/password', change)).status).toBe(422);
    const [line] = await linesOf(portal.manager, 'client-portal/history?user=forgetful&result=refused');
    expect(line).toMatchObject({
      operation: 'PUT /api/v1/client-portal/me/password',
      code: 'CURRENT_PASSWORD_WRONG',
      actor: { kind: 'user', loginId: 'forgetful' },
    });
  });

  it('for a missing CSRF token does, too', async () => {
    await portal.user('tricked');
    const user = await portal.as('tricked');
    user.csrfToken = null;
    expect((await user.delete('client-portal/sessions/current')).status).toBe(403);
    const [line] = await linesOf(portal.manager, 'client-portal/history?user=tricked&result=refused');
    expect(line).toMatchObject({ code: 'CSRF_TOKEN_WRONG' });
  });

  it('for a wrong access token does once for each address and hour, however often it is tried', async () => {
    const ask = (address: string, n: number) =>
      running
        .browser(address)
        .get('client-portal/users', { headers: { authorization: `Bearer shomei_${String(n).repeat(43)}` } });
    for (let n = 0; n < 3; n += 1) expect((await ask('198.51.100.30', n)).status).toBe(401);
    expect((await ask('198.51.100.31', 1)).status).toBe(401);
    const path = 'back-office/history?result=refused&user=anonymous&service=back-office&limit=100';
    const wrong = async () => (await linesOf(portal.staff, path)).filter(({ code }) => code === 'ACCESS_TOKEN_WRONG');
    const lines = await eventually(wrong, (found) => found.length >= 2);
    expect(lines.map(({ clientAddress }) => clientAddress).sort()).toEqual(['198.51.100.30', '198.51.100.31']);
    expect(JSON.stringify(lines)).not.toContain('shomei_');
    await running.clock.advance('1h');
    expect((await ask('198.51.100.30', 4)).status).toBe(401);
    portal = await preparedPortal(running);
    expect(await eventually(wrong, (found) => found.length >= 3)).toHaveLength(3);
  });
});

describe('the history of a company', () => {
  it('tells that the back office acted, not who of it, nor from where; the back office sees it all', async () => {
    const { id, browser, loginId } = await colleague(running, portal.staff, 'administrator');
    const company = `back-office/client-companies/${portal.clientCode}`;
    expect((await browser.post(`${company}/standards`, { standard: 'Standard C' })).status).toBe(201);
    const form = { name: 'Nightly import', scopes: ['companies:write'], lifeDays: 30 };
    const { token } = (await browser.post('back-office/access-tokens', form)).body as { token: string };
    const program = { headers: { authorization: `Bearer ${token}` } };
    expect((await running.browser().post(`${company}/standards`, { standard: 'Standard D' }, program)).status).toBe(
      201,
    );

    const lines = await linesOf(
      portal.manager,
      'client-portal/history?operation=client-portal.AddStandard&limit=100',
      4,
    );
    for (const line of lines)
      expect(line).toMatchObject({
        actor: { kind: 'backOffice', id: 'back-office', loginId: 'back-office', name: 'back office' },
        onBehalfOf: null,
        clientAddress: null,
      });
    for (const theirs of [loginId, id, 'back.office'])
      expect(await linesOf(portal.manager, `client-portal/history?user=${theirs}`, 0)).toEqual([]);
    const seen = await linesOf(
      portal.staff,
      `back-office/history?tenant=${portal.clientCode}&operation=client-portal.AddStandard&limit=100`,
      4,
    );
    expect(seen.map(({ actor }) => actor.loginId)).toEqual(['Nightly import', loginId, 'back.office', 'back.office']);
    expect(seen[0]).toMatchObject({ onBehalfOf: id, clientAddress: '192.0.2.1' });
  });

  it('is filtered by service', async () => {
    const ofService = (service: string) => linesOf(portal.staff, `back-office/history?service=${service}&limit=100`);
    for (const service of ['client-portal', 'back-office'])
      for (const line of await ofService(service)) expect(line.service).toBe(service);
    expect(await portal.staff.get('back-office/history?service=elsewhere')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'service', rule: 'oneOf' }] },
    });
  });
});

describe('CN-09 the new password', () => {
  it('must differ from the current one', async () => {
    const same = { currentPassword: portal.initialPassword, newPassword: portal.initialPassword };
    const answer = await portal.manager.put('client-portal/me/password', {
      ...same,
      newPasswordRepeat: portal.initialPassword,
    });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'newPassword', rule: 'sameAsBefore' }] } });
  });
});

describe('who reads the history of others', () => {
  type Read = Line & { events: { type: string; data: { filters: string } }[] };

  it('stands in it, once for what was asked, however often it is asked again or leafed through', async () => {
    const { browser: auditor, loginId } = await colleague(running, portal.staff, 'auditor');
    const operation = 'client-portal.AddStandard';
    const asked = `back-office/history?operation=${operation}&tenant=${portal.clientCode}&limit=1`;
    for (let n = 0; n < 3; n += 1) expect((await auditor.get(asked)).status).toBe(200);
    const { body } = await auditor.get(asked);
    expect((await auditor.get(`${asked}&cursor=${body.nextCursor}`)).status).toBe(200);
    expect((await auditor.get('back-office/history?service=client-portal')).status).toBe(200);
    const reads = async () =>
      (await portal.staff.get(`back-office/history?operation=audit.RecordHistoryRead&user=${loginId}&order=oldest`))
        .body.items as Read[];
    const lines = await eventually(reads, (found) => found.length >= 2);
    expect(lines.map(({ events }) => events[0]!.data.filters)).toEqual([
      `operation=${operation}&tenant=${portal.clientCode}`,
      'service=client-portal',
    ]);
    for (const { actor } of lines) expect(actor).toMatchObject({ kind: 'auditor', loginId });
  });

  it("but not who reads the own company's", async () => {
    await linesOf(portal.manager, 'client-portal/history');
    const reads = await linesOf(portal.staff, 'back-office/history?operation=audit.RecordHistoryRead&limit=100', 1);
    expect(reads.map(({ actor }) => actor.kind)).not.toContain('user');
  });
});
