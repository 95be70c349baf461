import { randomInt } from 'node:crypto';
import { API, base, Person } from './person.mjs';
import { staffWith } from './staff.mjs';

const QUIET_MS = 250;

/** The set-up of the client portal: each step, what it changed, and where to see it. */
export const playClientPortal = async (password) => {
  const clientCode = `C${String(randomInt(1e6)).padStart(6, '0')}`;
  const staff = await staffWith(password);
  let step = 0;
  const told = new Set();

  /** Asked of the operation history, not known beforehand: what the last step really left behind. */
  const recorded = async () => {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const { items } = await staff.does('GET', `back-office/history?tenant=${clientCode}&limit=100&order=oldest`);
    const fresh = items.filter(({ id }) => !told.has(id));
    for (const { id } of fresh) told.add(id);
    return fresh.map(({ events }) => events.map(({ type }) => type).join(' + ')).join(', ') || 'nothing';
  };

  const tell = async (title, where) => {
    step += 1;
    console.log(`\n${String(step).padStart(2)}. ${title}`);
    console.log(`    recorded   ${await recorded()}`);
    if (where) console.log(`    see        GET ${API}/${where}`);
  };

  const refused = async (person, title, method, path, body) => {
    const { status, answer } = await person.ask(method, path, body);
    await tell(`${title}: refused`);
    console.log(`    answer     ${status} ${answer.code}: ${answer.title}`);
    for (const { field, message } of answer.errors ?? []) console.log(`               ${field} ${message}`);
  };

  const company = `back-office/client-companies/${clientCode}`;
  await staff.does('POST', 'back-office/client-companies', { clientCode, name: 'Example Bridge Construction Co.' });
  await staff.does('POST', `${company}/standards`, { standard: 'Standard A' });
  await staff.does('POST', `${company}/cases`, { acceptanceNumber: 'R-2026-001', standard: 'Standard A' });
  await tell(`The back office logs in and registers ${clientCode} with one standard and one case`, company);

  const { notice } = await staff.does('POST', `${company}/management-account`, { userId: 'kanri01' });
  await tell('It issues the management account; the notice states code, user ID and initial password', company);
  await refused(staff, 'A second management account', 'POST', `${company}/management-account`, { userId: 'kanri02' });

  const manager = new Person();
  const { landing } = await manager.does('POST', 'client-portal/sessions', {
    clientCode,
    userId: notice.userId,
    password: notice.initialPassword,
  });
  await tell(`Step 1: the management account logs in and lands on ${landing}`, 'client-portal/setup');

  const chosen = 'Bridge#2026';
  await manager.does('PUT', 'client-portal/me/password', {
    currentPassword: notice.initialPassword,
    newPassword: chosen,
    newPasswordRepeat: chosen,
  });
  await tell('Step 2: it changes its password', 'client-portal/me');
  await refused(manager, 'A user with a name, ID and password that break rules', 'POST', 'client-portal/users', {
    displayName: '',
    userId: 'A@',
    password: 'short',
    passwordRepeat: 'other',
  });

  const ids = {};
  for (const userId of ['sample.user', 'second.user']) {
    const form = { displayName: `Sample ${userId}`, userId, password: 'View#2026', passwordRepeat: 'View#2026' };
    ids[userId] = (await manager.does('POST', 'client-portal/users', form)).id;
  }
  await tell('Step 3: it creates two users, who can do nothing yet', 'client-portal/users');

  for (const id of Object.values(ids))
    await manager.does('POST', `client-portal/users/${id}/view-permissions`, { acceptanceNumber: 'R-2026-001' });
  await tell('Step 4: it grants both view permission on the case', `client-portal/users/${ids['sample.user']}`);

  const box = (userId) => `client-portal/users/${ids[userId]}/procedure-permissions/R-2026-001`;
  const ticked = await manager.does('PUT', box('sample.user'), {});
  const setup = await manager.does('GET', `client-portal/setup?minVersion=${ticked.version}`);
  await tell(
    `Step 5: it ticks the procedure box; the set-up stands at ${setup.done} of ${setup.of}`,
    'client-portal/setup',
  );
  await refused(manager, 'Ticking it for the second user too', 'PUT', box('second.user'), {});
  await manager.does('PUT', box('second.user'), { moveFrom: 'sample.user' });
  await tell('Confirmed, the permission moves in one step', 'client-portal/users');

  const user = new Person();
  await user.does('POST', 'client-portal/sessions', { clientCode, userId: 'second.user', password: 'View#2026' });
  await user.does('POST', 'client-portal/cases/R-2026-001/procedures', { procedure: 'Surveillance application' });
  await tell('The procedure user logs in and submits a procedure', 'client-portal/cases');

  const history = await staff.does('GET', `back-office/history?tenant=${clientCode}&limit=100`);
  await tell(
    `The operation history holds ${history.items.length} lines of it`,
    `back-office/history?tenant=${clientCode}`,
  );
  console.log(`\nThe company is ${clientCode}; log in as ${notice.userId} with ${chosen}. All calls: ${base}/docs\n`);
};
