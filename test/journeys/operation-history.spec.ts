import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from '../kit/browser.js';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';

type Line = {
  operation: string;
  result: string;
  code: string | null;
  actor: { loginId: string; name: string };
  events: { type: string }[];
  correlationId: string;
};

let running: RunningService;
let portal: Portal;
let user: Browser;
let accountId: string;

/** The history lags a moment behind; what is asked for comes, or the test ends in its time-out. */
const linesWhere = async (browser: Browser, path: string, enough: (lines: Line[]) => boolean): Promise<Line[]> => {
  for (;;) {
    const { body } = await browser.get(path);
    if (enough(body.items)) return body.items;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const operations = (lines: Line[]) => lines.map(({ operation }) => operation);

beforeAll(async () => {
  running = await startForTests();
  portal = await preparedPortal(running);
  accountId = await portal.user('history.user');
  await portal.manager.post(`client-portal/users/${accountId}/view-permissions`, { acceptanceNumber: 'R-2026-001' });
  user = await portal.as('history.user');
  await user.get('client-portal/users');
});
afterAll(() => running.stop());

describe('the operation history', () => {
  it('has a line for every command of the company, newest first, whoever carried it out', async () => {
    const lines = await linesWhere(portal.manager, 'client-portal/history?limit=100', (found) => found.length >= 12);
    expect(operations(lines).reverse()).toEqual([
      'client-portal.RegisterClientCompany',
      'client-portal.AddStandard',
      'client-portal.AddStandard',
      'client-portal.AddCase',
      'client-portal.AddCase',
      'client-portal.AddCase',
      'client-portal.IssueManagementAccount',
      'identity.RecordLogin',
      'client-portal.CreatePortalUser',
      'client-portal.GrantViewPermission',
      'identity.RecordLogin',
      'GET /api/v1/client-portal/users',
    ]);
    expect(lines.at(-1)).toMatchObject({
      // Which of its people it was is not the company's business.
      actor: { kind: 'backOffice', name: 'back office' },
      result: 'success',
      tenant: portal.clientCode,
    });
  });

  it('CN-07, CN-08 shows what was refused for lack of a right', async () => {
    const [line] = await linesWhere(
      portal.manager,
      'client-portal/history?result=refused',
      (found) => found.length > 0,
    );
    expect(line).toMatchObject({
      operation: 'GET /api/v1/client-portal/users',
      code: 'NOT_PERMITTED',
      actor: { loginId: 'history.user' },
    });
  });

  it('CN-08 has a line for every wrong "current password", of users and of staff', async () => {
    const newPassword = 'Other#Password2026';
    const entry = { newPassword, newPasswordRepeat: newPassword, currentPassword: 'Guess#2026' };
    const staff = await running.staff();
    await portal.user('guessed.user');
    for (const [browser, place] of [
      [await portal.as('guessed.user'), 'client-portal'],
      [staff, 'back-office'],
    ] as const) {
      expect((await browser.put(`${place}/me/password`, entry)).body).toMatchObject({ code: 'CURRENT_PASSWORD_WRONG' });
      const operation = `PUT /api/v1/${place}/me/password`;
      const path = `back-office/history?result=refused&operation=${encodeURIComponent(operation)}`;
      const lines = await linesWhere(staff, path, (found) => found.length > 0);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({ code: 'CURRENT_PASSWORD_WRONG', operation });
      expect(JSON.stringify(lines)).not.toContain('Guess#2026');
    }
  });

  it('CN-05 shows failed logins to the company whose name was tried', async () => {
    await running
      .browser('198.51.100.7')
      .post('client-portal/sessions', { clientCode: portal.clientCode, userId: 'nobody01', password: 'Wrong#2026' });
    const [line] = await linesWhere(
      portal.manager,
      'client-portal/history?target=nobody01',
      (found) => found.length > 0,
    );
    expect(line).toMatchObject({
      code: 'CREDENTIALS_WRONG',
      clientAddress: '198.51.100.7',
      actor: { kind: 'anonymous' },
    });
  });

  it('CN-18 keeps what happened to a user after it was deleted, in one line for one command', async () => {
    await portal.manager.delete(`client-portal/users/${accountId}`);
    const lines = await linesWhere(portal.manager, `client-portal/history?target=${accountId}&order=oldest`, (found) =>
      operations(found).includes('client-portal.DeletePortalUser'),
    );
    expect(operations(lines)).toEqual([
      'client-portal.CreatePortalUser',
      'client-portal.GrantViewPermission',
      'identity.RecordLogin',
      'GET /api/v1/client-portal/users',
      'client-portal.DeletePortalUser',
    ]);
    expect(lines.at(-1)!.events.map(({ type }) => type)).toEqual([
      'client-portal.ViewPermissionRevoked',
      'client-portal.PortalUserDeleted',
    ]);
    expect(JSON.stringify(lines)).not.toContain('credential');
  });

  it('shows a user its own operations only, and one company nothing of another', async () => {
    await portal.user('second.user');
    const second = await portal.as('second.user');
    const own = await linesWhere(second, 'client-portal/history', () => true);
    expect(own.every(({ actor }) => actor.loginId === 'second.user')).toBe(true);
    const other = await preparedPortal(running);
    const foreign = await linesWhere(other.manager, `client-portal/history?tenant=${portal.clientCode}`, () => true);
    expect(foreign).toEqual([]);
  });

  it('is filtered by period, operation and process, and paged', async () => {
    const path = 'back-office/history';
    const [line] = await linesWhere(
      portal.staff,
      `${path}?tenant=${portal.clientCode}&operation=client-portal.AddCase`,
      (found) => found.length === 3,
    );
    expect(await linesWhere(portal.staff, `${path}?correlationId=${line!.correlationId}`, () => true)).toHaveLength(1);
    expect(await linesWhere(portal.staff, `${path}?to=2020-01-01T00:00:00%2B09:00`, () => true)).toEqual([]);
    const seen: Line[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await portal.staff.get(
        `${path}?limit=5&tenant=${portal.clientCode}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...body.items);
      cursor = body.nextCursor;
    }
    const whole = await portal.staff.get(`${path}?limit=100&tenant=${portal.clientCode}`);
    expect(seen).toEqual(whole.body.items);
  });

  it('names every wrong filter at once', async () => {
    const { status, body } = await portal.staff.get('back-office/history?from=yesterday&result=perhaps&colour=red');
    expect(status).toBe(400);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['colour', 'from', 'result']);
  });

  it('is the same after being built anew from the events', async () => {
    const read = async () => (await portal.staff.get('back-office/history?limit=100')).body as unknown;
    const before = await untilSteady(read);
    await running.service.projector.rebuild('operation-history');
    expect(await read()).toEqual(before);
  });
});

/** The last logins may still be on their way into the history: what is compared must have come to rest. */
const untilSteady = async (read: () => Promise<unknown>): Promise<unknown> => {
  for (let last = await read(); ;) {
    await wait(300);
    const next = await read();
    if (isDeepStrictEqual(last, next)) return next;
    last = next;
  }
};
