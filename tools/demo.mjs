// Plays the set-up of the client portal against the running service, through its public API alone, and prints
// each step, what it changed and where to see it. `npm run demo -- PASSWORD` with the password of the first
// back-office account, which the service told at its first start.
import { randomInt, randomUUID } from 'node:crypto';

const [password = process.env.SHOMEI_PASSWORD] = process.argv.slice(2);
const base = process.env.SHOMEI_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;
const API = `${base}/api/v1`;

const stop = (text) => {
  console.error(text);
  process.exit(1);
};

/** A person with a browser: keeps the cookies and sends the CSRF token along. */
class Person {
  cookies = new Map();
  csrfToken;

  async ask(method, path, body) {
    const response = await fetch(`${API}/${path}`, {
      method,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(this.csrfToken ? { 'x-csrf-token': this.csrfToken } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch(() => stop(`Nobody answers at ${base}. Start the service with "npm start", or name it in SHOMEI_URL.`));
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';', 1)[0].split('=');
      this.cookies.set(name, value);
    }
    const answer = response.headers.get('content-type')?.includes('json') ? await response.json() : null;
    this.csrfToken = answer?.csrfToken ?? this.csrfToken;
    return { status: response.status, answer };
  }

  /** What must succeed for the story to go on. */
  async does(method, path, body) {
    const { status, answer } = await this.ask(method, path, body);
    if (status >= 400) stop(`${method} ${path} was refused: ${status} ${answer?.code} ${answer?.title}`);
    return answer;
  }
}

let step = 0;
const told = new Set();
const QUIET_MS = 250;

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

if (!password) stop('Say the back-office password that the first start told: npm run demo -- PASSWORD');

const clientCode = `C${String(randomInt(1e6)).padStart(6, '0')}`;
const staff = new Person();
const login = await staff.ask('POST', 'back-office/sessions', { loginId: 'back.office', password });
if (login.status !== 201) stop(`The back office cannot log in: ${login.answer.title}`);

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
