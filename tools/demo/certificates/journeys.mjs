import { Person, stop } from '../person.mjs';
import { approve, PIN, register, submit } from './application.mjs';
import { signerOf } from './setting.mjs';
import { buyTicket } from './tickets.mjs';
import { hasOpenssl, verified } from './verification.mjs';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WAIT_MS = 20_000;
const REST = 'Start the service with "DEMO_CLOCK=true npm start" to see the rest, which needs days to pass.';

const expected = (actual, wanted, what) => {
  if (actual !== wanted) stop(`${what}: ${actual} instead of ${wanted}`);
};

/** Asks until it is so: what follows an order follows by itself. */
const until = async ({ clock, staff }, path, isSo) => {
  for (const began = Date.now(); Date.now() - began < WAIT_MS;) {
    await clock.settled();
    const item = await staff.does('GET', path);
    if (isSo(item)) return item;
  }
  return stop(`GET ${path} does not show what was to come.`);
};

const passes = async ({ clock, line }, ms, what) => {
  if (clock.movable) await line.passes(ms, what);
};

/** Journey 1: from the ticket to a certificate that verifies. */
export const fromTicketToCertificate = async (scene, setting) => {
  const { line, clock } = scene;
  line.title('Journey 1: from the ticket to the certificate');
  const ticket = await buyTicket(scene, setting, 3);
  const application = await register(scene, setting, ticket);
  await line.tell(
    `The agent registers an application for the ticket; the link lives until ${application.linkExpiresAt}`,
  );
  await passes(scene, 23 * HOUR_MS, 'twenty-three hours pass');
  await submit(scene, setting, application);
  await line.tell('The agent follows the link, uploads the identity document and submits', application.desk);
  await passes(scene, DAY_MS, 'a day passes');
  await approve(scene, setting, application);
  await line.tell('The holder follows a link of its own, sets the PIN and approves', application.desk);
  await passes(scene, 2 * DAY_MS, 'two days pass');
  const certificate = await issue(scene, application);
  if (!clock.movable) return console.log(`\n${REST}`);
  await activate(scene, certificate);
  await verify(scene, setting);
};

const issue = async (scene, { id, desk }) => {
  const { line, staff } = scene;
  await staff.does('POST', `${desk}/review`);
  await staff.does('GET', `${desk}/identity-document`);
  for (const step of ['identity-verification', 'issuance']) await staff.does('POST', `${desk}/${step}`);
  await until(scene, desk, ({ status }) => status === 'Issued');
  const { tenant } = await staff.does('GET', desk);
  const all = `back-office/certificates?tenant=${tenant}`;
  const ofThis = ({ items }) => items.find(({ applicationId }) => applicationId === id);
  const certificate = ofThis(await until(scene, all, (found) => ofThis(found)?.activeFrom));
  line.watch(`target=${certificate.id}`);
  const path = `back-office/certificates/${certificate.id}`;
  await line.tell(
    `The LRA reviews, verifies and issues ${certificate.serial}; usable from ${certificate.activeFrom}`,
    path,
  );
  return { ...certificate, path };
};

const activate = async (scene, { path, activeFrom }) => {
  const now = await scene.clock.advance(0);
  await scene.line.passes(new Date(activeFrom) - now + 60_000, 'the second business day begins');
  const { status } = await until(scene, path, (item) => item.status === 'active');
  expected(status, 'active', 'The certificate on the second business day');
};

const verify = async ({ line, clock }, setting) => {
  const signer = await signerOf(setting);
  const section = `e-contract/users/${setting.holderUserId}/certificate`;
  const { result } = await signer.does('POST', `${section}/test`, { pin: PIN });
  expected(result, 'succeeded', 'The test of key and PIN');
  const pfx = await signer.does('POST', `${section}/file`, { pin: PIN });
  await line.tell('The signer tests the certificate with the PIN and downloads it', section);
  if (!(await hasOpenssl())) return console.log('    skipped: verification of the file (needs openssl)');
  const { subject, said } = await verified(pfx, PIN, await clock.advance(0));
  console.log(`    subject  ${subject}\n    openssl  ${said} (chain and revocation list from /pki)`);
};

/** Journey 2: nobody follows the link in time; the ticket is free, and is used again. */
export const tooLate = async (scene, setting) => {
  const { line, mailbox, clock } = scene;
  line.title('Journey 2: the agent is too late');
  if (!clock.movable) return console.log(`\nNot played. ${REST}`);
  const ticket = await buyTicket(scene, setting, 1);
  const late = await register(scene, setting, ticket);
  const link = await mailbox.link(setting.mails.agent, late.id);
  await line.tell(`The agent registers an application; the link lives until ${late.linkExpiresAt}`, late.desk);
  await line.passes(3 * DAY_MS + 60_000, 'three days and a minute pass, nobody follows the link');
  const { status } = await until(scene, late.desk, (item) => item.status === 'Expired');
  const { status: answered, answer } = await new Person().ask('GET', link.path);
  expected(answered, 410, 'The link that is over');
  await line.tell(`The application stands at ${status}; the link answers ${answered} ${answer.code}`, late.desk);
  const again = await register(scene, setting, ticket);
  await new Person().does('GET', (await mailbox.link(setting.mails.agent, again.id)).path);
  await line.tell('The agent registers the same ticket anew, and the new link opens', again.desk);
};
