import { randomUUID } from 'node:crypto';
import { notificationIdOf, requestNotification } from '../../src/contexts/notifications/messages.js';
import { SYSTEM } from '../../src/kernel/actor.js';
import { Links } from '../../src/platform/access/links.js';
import { Commands } from '../../src/platform/commands/decided-by.js';
import { sampleLinkMail, sampleNoticeMail } from '../kit/sample-mails.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
beforeAll(async () => {
  running = await startForTests({}, { mails: [sampleLinkMail, sampleNoticeMail] });
}, 60_000);
afterAll(() => running.stop());

type Asked = Readonly<{ kind?: string; to?: string; tenant?: string; facts?: Record<string, string> }>;
const ask = async (processId: string, { kind = 'samples.link', to = 'aoi@example.com', ...asked }: Asked = {}) => {
  const notificationId = notificationIdOf(processId, kind, to);
  const { tenant = 'C0001', facts = { name: '見本 葵', linkId: `link-${processId}` } } = asked;
  const about = { notificationId, kind, service: 'samples', tenant, processId, recipient: to, facts };
  const sender = { commandId: randomUUID(), fingerprint: null, correlationId: processId, actor: SYSTEM };
  const whence = { onBehalfOf: null, tenant, service: 'samples', clientAddress: null };
  await running.service.app.get(Commands).send(requestNotification(about), { ...sender, ...whence });
  return notificationId;
};

it('a mail that was asked for arrives once, with its link and without the token in any record', async () => {
  const id = await ask('process-1');
  await ask('process-1');
  const mails = await running.mailbox('aoi@example.com');
  expect(mails).toHaveLength(1);
  const [mail] = mails;
  expect(mail!.subject).toBe('【見本】お申込みのご案内');
  const token = mail!.links[0]!.searchParams.get('onetimetoken')!;
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(running.service.app.get(Links).isToken('link-process-1', token)).toBe(true);
  const staff = await running.staff();
  const { body } = await staff.get(`back-office/notifications/${id}?minVersion=1`);
  expect(body).toMatchObject({ status: 'sent', round: 1, recipient: 'aoi@example.com', actions: ['resend'] });
  expect(body.letter.text).toContain('link=link-process-1&onetimetoken=••••••••');
  expect(JSON.stringify(body)).not.toContain(token);
});
