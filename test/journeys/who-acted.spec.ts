import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { done, type Partners, preparedPartners, registrant } from '../kit/partners.js';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { colleague } from '../kit/staff.js';

type Line = { actor: { kind: string; loginId: string; name: string }; operation: string };

let running: RunningService;
let portal: Portal;
let partners: Partners;
beforeAll(async () => {
  running = await startForTests();
  portal = await preparedPortal(running);
  partners = await preparedPartners(running);
});
afterAll(() => running.stop());

const linesOf = (browser: Browser, path: string, enough = 1): Promise<Line[]> =>
  eventually(
    async () => (await browser.get(path)).body.items as Line[],
    (lines) => lines.length >= enough,
  );

it('a line names the person beside the login ID, and is found by either', async () => {
  await portal.user('named.user');
  await portal.as('named.user');
  const actor = { kind: 'user', loginId: 'named.user', name: 'User named.user' };
  for (const user of [actor.loginId, actor.name]) {
    const [line] = await linesOf(portal.manager, `client-portal/history?user=${encodeURIComponent(user)}`);
    expect(line!.actor).toMatchObject(actor);
  }
  // Of the management account nobody ever asked for a person's name.
  const [own] = await linesOf(portal.manager, 'client-portal/history?operation=client-portal.CreatePortalUser');
  expect(own!.actor).toMatchObject({ loginId: 'kanri01', name: 'kanri01' });
});

it('staff are named to the back office alone', async () => {
  const { browser, loginId } = await colleague(running, portal.staff, 'administrator');
  const company = `back-office/client-companies/${portal.clientCode}`;
  expect((await browser.post(`${company}/standards`, { standard: 'Standard N' })).status).toBe(201);
  const [line] = await linesOf(portal.staff, `back-office/history?user=${loginId}&operation=client-portal.AddStandard`);
  expect(line!.actor).toMatchObject({ kind: 'backOffice', loginId, name: 'Sample administrator' });
  const theirs = await linesOf(portal.manager, 'client-portal/history?operation=client-portal.AddStandard', 3);
  expect(JSON.stringify(theirs)).not.toMatch(/Sample administrator|administrator\./);
  const byName = await portal.manager.get('client-portal/history?user=Sample%20administrator');
  expect(byName.body.items).toEqual([]);
});

it('a program is named as it was called, and whoever made it is not mixed up with it', async () => {
  const { browser } = await colleague(running, portal.staff, 'administrator');
  const form = { name: 'Nightly import', scopes: ['companies:write'], lifeDays: 1 };
  const { token } = (await browser.post('back-office/access-tokens', form)).body as { token: string };
  const program = { headers: { authorization: `Bearer ${token}` } };
  const standards = `back-office/client-companies/${portal.clientCode}/standards`;
  expect((await running.browser().post(standards, { standard: 'Standard P' }, program)).status).toBe(201);
  const [line] = await linesOf(portal.staff, 'back-office/history?user=Nightly%20import');
  expect(line).toMatchObject({ actor: { kind: 'program', name: 'Nightly import' } });
});

it('EC-67 a line keeps the name of then; what is done after a change bears the new one, also in an open browser', async () => {
  await partners.company('EX810');
  const [first, second] = await partners.office('EX810', null, [
    registrant('chief@example.com', ['GROUP_ADMINISTRATOR']),
    registrant('aide@example.com', ['GROUP_ADMINISTRATOR']),
  ]);
  const chief = await partners.as(first!);
  const aide = await partners.as(second!);
  const edit = (name: string) => ({ name, mail: 'chief@example.com', roles: ['GROUP_ADMINISTRATOR'] });
  done(await aide.put(`e-contract/users/${first!}`, edit('見本 花子')));
  done(await chief.put(`e-contract/users/${second!}`, { ...edit('Sample aide'), mail: 'aide2@example.com' }));
  const lines = await linesOf(aide, `e-contract/history?user=${first!}&order=oldest`, 3);
  expect(lines.map(({ operation, actor: { loginId, name } }) => [operation, loginId, name])).toEqual([
    ['identity.RecordLogin', first, 'Sample chief'],
    ['partners.ChangeOwnPassword', first, 'Sample chief'],
    ['partners.ChangePartnerUser', first, '見本 花子'],
  ]);
});
