import { randomUUID } from 'node:crypto';
import { Vault } from '../../src/platform/vault/vault.js';
import { kept as recorded } from '../kit/golden-histories.js';
import { Links } from '../../src/platform/access/links.js';
import { askForMail } from '../kit/asked-mails.js';
import type { Browser } from '../kit/browser.js';
import { preparedPortal } from '../kit/portal.js';
import { sampleLinkMail, sampleNoticeMail } from '../kit/sample-mails.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let words = 'その1';
const changing = { kind: 'samples.changing', write: () => ({ subject: '【見本】今日の言葉', text: words }) };
beforeAll(async () => {
  running = await startForTests({}, { mails: [sampleLinkMail, sampleNoticeMail, changing] });
}, 60_000);
afterAll(() => running.stop());

const fresh = () => `process-${randomUUID()}`;
const sentMail = async (staff: Browser, id: string) => {
  for (;;) {
    const answer = await staff.get(`back-office/notifications/${id}?minVersion=1`);
    if (answer.status !== 503) return answer.body;
  }
};

const DAY_MS = 86_400_000;

describeWithMovableClock('a mail that is older than mails are kept', () => {
  let brief: RunningService;
  beforeAll(async () => {
    brief = await startForTests({ MAIL_RETENTION_DAYS: '3' }, { mails: [sampleLinkMail] });
  }, 60_000);
  afterAll(() => brief.stop());

  const kept = () => brief.service.app.get(Vault).idsOf('sent-letter');

  it('is seen and sent again to the last moment, and then only that and when it was sent', async () => {
    const asked = brief.clock.now().getTime();
    const [id, other] = [await askForMail(brief, fresh(), {}), await askForMail(brief, fresh(), {})];
    await brief.clock.settled();
    const queued = (await (await brief.staff()).get(`back-office/notifications/${id}`)).body as { queuedAt: string };
    // A day in which it is tried, and three in which it is kept.
    const end = Date.parse(queued.queuedAt) + 4 * DAY_MS;
    expect(end - asked).toBeLessThan(5 * DAY_MS);
    await brief.clock.standAt(new Date(end - 1));
    const staff = await brief.staff();
    const shown = async (mail: string) => (await staff.get(`back-office/notifications/${mail}`)).body as unknown;
    expect(await shown(id)).toMatchObject({ status: 'sent', actions: ['resend'], letter: { attachments: [] } });
    expect((await staff.post(`back-office/notifications/${other}/resend`)).status).toBe(202);
    await brief.clock.standAt(new Date(end));
    expect(await shown(id)).toMatchObject({ status: 'sent', round: 1, actions: [], letter: null });
    expect(await staff.post(`back-office/notifications/${id}/resend`)).toMatchObject({
      status: 422,
      body: { code: 'NOTIFICATION_TOO_OLD' },
    });
  });

  it('is forgotten by itself, also after a restart, and what went out again later is not', async () => {
    await brief.clock.advance('1m');
    await brief.clock.settled();
    const before = await kept();
    expect(before).toHaveLength(3);
    await brief.restart();
    await brief.clock.advance('2d');
    await brief.clock.settled();
    const left = await kept();
    expect(left).toHaveLength(1);
    expect(before).toContain(left[0]);
    await recorded(brief, 'mail-retention-some-days', 'mail-retention');
    await brief.clock.advance('5d');
    await brief.clock.settled();
    expect(await kept()).toEqual([]);
  });
});

describe('a mail that a context asked for', () => {
  it('arrives once, with its link, however often it was asked for', async () => {
    const process = fresh();
    const id = await askForMail(running, process, { to: 'once@example.com' });
    expect(await askForMail(running, process, { to: 'once@example.com' })).toBe(id);
    const staff = await running.staff();
    const shown = await sentMail(staff, id);
    expect(shown).toMatchObject({ type: 'notification', status: 'sent', round: 1, processId: process });
    const mails = await running.mailbox('once@example.com');
    expect(mails.map(({ subject }) => subject)).toEqual(['【見本】お申込みのご案内']);
    const [link] = mails[0]!.links;
    expect(link!.origin).toBe('http://127.0.0.1:3000');
    expect(link!.searchParams.get('link')).toBe(`link-${process}`);
    const links = running.service.app.get(Links);
    expect(links.isToken(`link-${process}`, link!.searchParams.get('onetimetoken')!)).toBe(true);
  });

  it('is shown as it went out, whatever would be written today, and anew only when it goes out anew', async () => {
    const id = await askForMail(running, fresh(), { to: 'words@example.com', kind: 'samples.changing' });
    const staff = await running.staff();
    expect((await sentMail(staff, id)).letter).toEqual({
      subject: '【見本】今日の言葉',
      text: 'その1',
      attachments: [],
    });
    words = 'その2';
    expect((await sentMail(staff, id)).letter.text).toBe('その1');
    expect((await staff.post(`back-office/notifications/${id}/resend`)).status).toBe(202);
    await running.clock.settled();
    expect((await staff.get(`back-office/notifications/${id}?minVersion=3`)).body).toMatchObject({
      round: 2,
      status: 'sent',
      letter: { text: 'その2' },
    });
    expect((await running.mailbox('words@example.com')).map(({ text }) => text)).toEqual(['その1', 'その2']);
  });

  it('shows the back office its words, but no link and no password that would open anything', async () => {
    const process = fresh();
    const ids = [
      await askForMail(running, process, { to: 'masked@example.com' }),
      await askForMail(running, process, { to: 'masked@example.com', kind: 'samples.notice' }),
    ];
    const staff = await running.staff();
    const shown = JSON.stringify(await Promise.all(ids.map((id) => sentMail(staff, id))));
    expect(shown).toContain('onetimetoken=••••••••');
    expect(shown).toContain('初期パスワード: ••••••••');
    expect(shown).toContain('利用案内.txt');
    const mails = (await running.mailbox('masked@example.com')).map(({ text }) => text).join('\n');
    const secrets = [/onetimetoken=([0-9a-f]{64})/, /パスワード: (\S{16})/].map((secret) => secret.exec(mails)![1]!);
    const history = await staff.get(`back-office/history?correlationId=${process}`);
    for (const secret of secrets) {
      expect(shown).not.toContain(secret);
      expect(JSON.stringify(history.body)).not.toContain(secret);
      expect(running.logged()).not.toContain(secret);
    }
  });

  it('that nobody knows how to write is tried, not lost: it stays queued', async () => {
    const id = await askForMail(running, fresh(), { kind: 'samples.unwritten' });
    await running.clock.settled();
    const { body } = await (await running.staff()).get(`back-office/notifications?kind=samples.unwritten`);
    expect(body.items).toMatchObject([{ id, status: 'queued' }]);
  });
});

describe('the list of mails', () => {
  const tenant = `C${randomUUID().slice(0, 8)}`;
  let ids: string[];
  let staff: Browser;
  const list = async (query: string) => (await staff.get(`back-office/notifications?tenant=${tenant}&${query}`)).body;

  beforeAll(async () => {
    ids = [];
    for (const n of [1, 2, 3, 4, 5])
      ids.push(await askForMail(running, fresh(), { tenant, to: `list${n}@example.com` }));
    staff = await running.staff();
    for (const id of ids) await sentMail(staff, id);
  });

  it('is newest first and comes in pages that neither repeat nor miss one', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await list(`limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ id }: { id: string }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it.each([
    ['state=sent', 5],
    ['state=failed', 0],
    ['kind=samples.link', 5],
    ['kind=samples.notice', 0],
    ['recipient=list3@example.com', 1],
    ['service=samples', 5],
    ['service=client-portal', 0],
    ['from=2000-01-01T00:00:00Z', 5],
    ['to=2000-01-01T00:00:00Z', 0],
  ])('with %s holds %i', async (query, count) => expect((await list(query)).items).toHaveLength(count));

  it('tells every wrong filter at once', async () => {
    const { code, errors } = await list('state=lost&from=yesterday&who=me');
    expect(code).toBe('VALIDATION_FAILED');
    expect(errors.map(({ field }: { field: string }) => field).sort()).toEqual(['from', 'state', 'who']);
  });

  it('is the back office’s alone', async () => {
    const { manager } = await preparedPortal(running);
    const notification = `back-office/notifications/${ids[0]}`;
    for (const path of ['back-office/notifications', notification])
      expect((await manager.get(path)).body.code).toBe('NOT_PERMITTED');
    expect((await manager.post(`${notification}/resend`, {})).body.code).toBe('NOT_PERMITTED');
    expect((await running.browser().get(notification)).body.code).toBe('NOT_LOGGED_IN');
  });

  it('knows no mail that nobody asked for', async () => {
    expect((await staff.get('back-office/notifications/nothing')).status).toBe(404);
    expect((await staff.post('back-office/notifications/nothing/resend', {})).status).toBe(404);
  });

  it('is counted by state in the metrics', async () => {
    const { body } = await running.browser().get('/metrics');
    expect(body).toMatch(/shomei_mails\{state="sent"\} [1-9]/);
    expect(body).toMatch(/shomei_mails\{state="failed"\} 0/);
    expect(body).toMatch(/shomei_processes\{state="running"\} \d/);
    expect(body).toMatch(/shomei_worker_tasks\{kind="activity"\} \d/);
  });
});

describe('the development mailbox', () => {
  const open = (
    url: string,
    { from = '127.0.0.1', host = 'localhost:3000', ...headers }: Record<string, string> = {},
  ) => running.service.app.inject({ url, remoteAddress: from, headers: { host, ...headers } });
  let id: string;
  beforeAll(async () => {
    const facts = { name: '<img src=x onerror=alert(1)>', linkId: 'l-1', credentialId: 'c-1' };
    const staff = await running.staff();
    const asked = [{ facts }, { kind: 'samples.notice' }];
    // By the version, so that it holds on a server whose time nobody moves, too.
    for (const about of asked)
      await sentMail(staff, await askForMail(running, fresh(), { to: 'reader@example.com', ...about }));
    const mails = await running.mailbox('reader@example.com');
    id = mails.find(({ attachments }) => attachments.length === 0)!.id;
  });

  it('shows a person the mails, and what stands in them does nothing', async () => {
    const list = await open('/mailbox');
    expect(list.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(list.body).toContain('reader@example.com');
    const mail = await open(`/mailbox/${id}`);
    expect(mail.statusCode).toBe(200);
    expect(mail.body).toContain('&lt;img src=x');
    expect(mail.body).not.toContain('<img');
    expect(mail.body).toMatch(/<a href="http:\/\/127\.0\.0\.1:3000\/samples\/open\?link=l-1&amp;onetimetoken=/);
    const html = await open(`/mailbox/${id}/html`);
    expect(html.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
  });

  it('hands out papers under their names', async () => {
    const notice = (await running.mailbox('reader@example.com')).find(({ attachments }) => attachments.length > 0)!;
    const paper = await open(`/api/v1/development/mails/${notice.id}/attachments/0`);
    expect(paper.body).toBe('ご案内');
    expect(paper.headers['content-disposition']).toContain(encodeURIComponent('利用案内.txt'));
    expect((await open(`/api/v1/development/mails/${notice.id}/attachments/1`)).statusCode).toBe(404);
  });

  it.each<[string, Record<string, string>]>([
    ['from another machine', { from: '192.0.2.1' }],
    ['by another name', { host: 'portal.example.com' }],
    ['by a name that only begins like this machine’s', { host: 'localhost.example.com' }],
    ['through a proxy', { 'x-forwarded-for': '192.0.2.1' }],
    ['through a proxy that says so otherwise', { via: '1.1 gateway' }],
  ])('is not there for who comes %s', async (_, whence) => {
    for (const path of ['/mailbox', `/mailbox/${id}`, `/mailbox/${id}/html`, '/api/v1/development/mails'])
      expect((await open(path, whence)).statusCode).toBe(404);
  });

  it('keeps its mails over a restart', async () => {
    await running.restart();
    expect(await running.mailbox('reader@example.com')).toHaveLength(2);
  });
});

describeWithMovableClock('the clock for demonstrations', () => {
  it('lets the back office move time for everybody', async () => {
    const staff = await running.staff();
    const before = running.clock.now().getTime();
    const { status, body } = await staff.post('demo/clock/advance', { by: '10m' });
    expect(status).toBe(200);
    expect(Date.parse(body.now) - before).toBeGreaterThanOrEqual(600_000);
    expect(running.clock.now().getTime() - before).toBeGreaterThanOrEqual(600_000);
  });

  it.each(['', 'soon', '-3d', '401d', '3 d'])('does not move it by %j', async (by) => {
    const { status, body } = await (await running.staff()).post('demo/clock/advance', { by });
    expect([status, body.errors[0].field]).toEqual([400, 'by']);
  });

  it('is the back office’s alone', async () => {
    const { manager } = await preparedPortal(running);
    expect((await manager.post('demo/clock/advance', { by: '1d' })).body.code).toBe('NOT_PERMITTED');
  });

  it('and the mailbox exist only where they were asked for', async () => {
    const plain = await startForTests({
      DEMO_CLOCK: 'false',
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'no-reply@example.com',
    });
    const said = (url: string) =>
      plain.service.app.inject({ url, remoteAddress: '127.0.0.1', headers: { host: 'localhost' } });
    try {
      expect((await said('/mailbox')).statusCode).toBe(404);
      expect((await said('/api/v1/development/mails')).statusCode).toBe(404);
      const staff = await plain.service.app.inject({
        method: 'POST',
        url: '/api/v1/demo/clock/advance',
        payload: { by: '1d' },
      });
      expect(staff.statusCode).toBe(404);
      expect((await said('/api/v1/openapi.json')).body).not.toMatch(/demo\/clock|development\/mails/);
    } finally {
      await plain.stop();
    }
  }, 60_000);
});
