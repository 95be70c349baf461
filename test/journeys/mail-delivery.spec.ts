import { randomUUID } from 'node:crypto';
import { connectTemporal } from '../../src/platform/temporal/connection.js';
import type { Browser } from '../kit/browser.js';
import { askForMail } from '../kit/asked-mails.js';
import { historyOf, kept } from '../kit/golden-histories.js';
import { sampleLinkMail, sampleNoticeMail } from '../kit/sample-mails.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';
import { type SmtpSink, smtpSink } from '../kit/smtp-sink.js';

describeWithMovableClock('mail delivery to a mail server', () => {
  let sink: SmtpSink;
  let running: RunningService;
  let isLinkDead = false;
  const perishable = {
    ...sampleLinkMail,
    kind: 'samples.perishable',
    outdated: () => (isLinkDead ? 'the link is dead' : null),
  };

  beforeAll(async () => {
    sink = await smtpSink();
    const env = {
      SMTP_URL: sink.url,
      MAIL_FROM: 'Shomei <no-reply@example.com>',
      PUBLIC_URL: 'https://portal.example.com',
    };
    running = await startForTests(env, { mails: [sampleLinkMail, sampleNoticeMail, perishable] });
  }, 60_000);
  afterAll(async () => {
    await running.stop();
    await sink.stop();
  });
  beforeEach(() => sink.behave(null));

  const fresh = () => `process-${randomUUID()}`;
  const takenBy = (address: string) => sink.taken.filter(({ to }) => to.includes(address));
  const shown = async (id: string, staff?: Browser) => {
    const { body } = await (staff ?? (await running.staff())).get(`back-office/notifications/${id}`);
    return body;
  };

  it('reaches the server as one mail with text, page, papers and the names that mail programs need', async () => {
    const id = await askForMail(running, fresh(), { kind: 'samples.notice', to: 'notice@example.com' });
    await running.clock.settled();
    const [taken, ...more] = takenBy('notice@example.com');
    expect(more).toEqual([]);
    expect(taken!.from).toBe('no-reply@example.com');
    const { subject, from, to, messageId, text, html, attachments, headers } = taken!.mail;
    expect(subject).toBe('【見本】ユーザー登録のお知らせ');
    expect(from).toMatchObject({ name: 'Shomei', address: 'no-reply@example.com' });
    expect(to).toEqual([{ name: '', address: 'notice@example.com' }]);
    expect(messageId).toBe(`<${id}.1@example.com>`);
    expect(text).toMatch(/^初期パスワード: \S{16}/);
    expect(html).toContain('初期パスワード');
    expect(attachments).toMatchObject([{ filename: '利用案内.txt', mimeType: 'text/plain' }]);
    expect(headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
    expect(await shown(id)).toMatchObject({ status: 'sent', reason: null });
    await kept(running, 'mail-delivery-sent', id);
  });

  it('is tried again when the server says later, and is then recorded once', async () => {
    sink.behave({ at: 'data', code: 451, text: 'greylisted, try again' });
    const id = await askForMail(running, fresh(), { to: 'later@example.com' });
    await running.clock.settled();
    expect(await shown(id)).toMatchObject({ status: 'queued', round: 1, version: 0, actions: [] });
    const before = sink.tries();
    await running.clock.advance('5m');
    // After 10, 20, 40, 80 and 160 seconds more.
    expect(sink.tries() - before).toBeGreaterThanOrEqual(4);
    sink.behave(null);
    await running.clock.advance('10m');
    expect(takenBy('later@example.com')).toHaveLength(1);
    expect(await shown(id)).toMatchObject({ status: 'sent', version: 1 });
    await kept(running, 'mail-delivery-retried', id);
  });

  it.each([
    ['an unknown receiver', 'rcpt', 550, 'no such user <gone@example.com> here'],
    ['an unwelcome mail', 'data', 554, 'rejected as spam'],
  ] as const)('fails at once for %s, and keeps the reason without the address', async (_, at, code, text) => {
    sink.behave({ at, code, text });
    const id = await askForMail(running, fresh(), { to: 'gone@example.com' });
    await running.clock.settled();
    const { status, reason } = await shown(id);
    expect(status).toBe('failed');
    expect(reason).toContain(String(code));
    expect(reason).not.toContain('gone@');
    if (at === 'rcpt') await kept(running, 'mail-delivery-refused', id);
  });

  it('is tried for 24 hours: shortly before still queued, at the deadline one last try, then failed', async () => {
    sink.behave('hang up');
    const id = await askForMail(running, fresh(), { to: 'never@example.com' });
    await running.clock.settled();
    const { deadline } = await shown(id);
    const leftMs = () => Date.parse(deadline) - running.clock.now().getTime();
    await running.clock.advance(leftMs() - 5_000);
    expect(await shown(id)).toMatchObject({ status: 'queued', deadline });
    const before = sink.tries();
    // A timer counts from when the server took it, so the last try comes a moment after the deadline, never before.
    await running.clock.advance(leftMs() + 5_000);
    expect(sink.tries()).toBe(before + 1);
    const failed = await shown(id);
    expect(failed).toMatchObject({ status: 'failed', deadline: null, actions: ['resend'] });
    expect(Date.parse(failed.endedAt)).toBeGreaterThanOrEqual(Date.parse(deadline));
    expect(Date.parse(failed.endedAt)).toBeLessThan(Date.parse(deadline) + 60_000);
    await running.clock.advance('3d');
    expect(sink.tries()).toBe(before + 1);
    await kept(running, 'mail-delivery-expired', id);
  }, 120_000);

  it('goes out in the last hour if the server comes back in it', async () => {
    sink.behave('hang up');
    const id = await askForMail(running, fresh(), { to: 'justintime@example.com' });
    await running.clock.settled();
    const { deadline } = await shown(id);
    await running.clock.advance(Date.parse(deadline) - running.clock.now().getTime() - 5_000);
    sink.behave(null);
    await running.clock.advance('10s');
    expect(await shown(id)).toMatchObject({ status: 'sent' });
    expect(takenBy('justintime@example.com')).toHaveLength(1);
  }, 120_000);

  it('is sent anew by the back office, as a mail of its own with the same link', async () => {
    sink.behave({ at: 'rcpt', code: 550, text: 'no such user' });
    const id = await askForMail(running, fresh(), { to: 'again@example.com' });
    await running.clock.settled();
    sink.behave(null);
    const staff = await running.staff();
    const resent = await staff.post(`back-office/notifications/${id}/resend`, {});
    expect(resent).toMatchObject({ status: 202, body: { id, version: 2 } });
    await running.clock.settled();
    expect(await shown(id, staff)).toMatchObject({ status: 'sent', round: 2, version: 3, reason: null });
    await staff.post(`back-office/notifications/${id}/resend`, {});
    await running.clock.settled();
    const [second, third] = takenBy('again@example.com');
    expect([second!.mail.messageId, third!.mail.messageId]).toEqual([`<${id}.2@example.com>`, `<${id}.3@example.com>`]);
    expect(second!.mail.text).toBe(third!.mail.text);
  });

  it('that nobody needs any more is not sent, and says why', async () => {
    sink.behave('hang up');
    const id = await askForMail(running, fresh(), { kind: 'samples.perishable', to: 'toolate@example.com' });
    await running.clock.settled();
    expect(await shown(id)).toMatchObject({ status: 'queued' });
    isLinkDead = true;
    sink.behave(null);
    await running.clock.advance('1h');
    expect(takenBy('toolate@example.com')).toEqual([]);
    expect(await shown(id)).toMatchObject({ status: 'failed', reason: 'the link is dead', actions: ['resend'] });
    // Sent anew, it is judged anew.
    const staff = await running.staff();
    await staff.post(`back-office/notifications/${id}/resend`, {});
    await running.clock.settled();
    expect(await shown(id, staff)).toMatchObject({ status: 'failed', round: 2, reason: 'the link is dead' });
    expect(takenBy('toolate@example.com')).toEqual([]);
  }, 60_000);

  describe('that the server may have taken', () => {
    const DOUBTFUL = { status: 'unconfirmed', actions: ['resend'] };
    const askedFor = async (to: string, kind?: string) => {
      isLinkDead = false;
      sink.behave('take and say nothing');
      const id = await askForMail(running, fresh(), { to, ...(kind ? { kind } : {}) });
      await running.clock.settled();
      expect(await shown(id)).toMatchObject({ status: 'queued' });
      expect(takenBy(to)).toHaveLength(1);
      return id;
    };

    it('and that nobody needs any more is not called failed: it may have arrived', async () => {
      const id = await askedFor('perhaps@example.com', 'samples.perishable');
      isLinkDead = true;
      sink.behave(null);
      await running.clock.advance('1h');
      expect(takenBy('perhaps@example.com')).toHaveLength(1);
      const staff = await running.staff();
      const told = await shown(id, staff);
      expect(told).toMatchObject({ ...DOUBTFUL, reason: 'the link is dead', version: 1 });
      // As it went out, if it did.
      expect(told.letter.text).toContain('/samples/open');
      const { body } = await staff.get('back-office/notifications?state=unconfirmed');
      expect(body.items.map((item: { id: string }) => item.id)).toEqual([id]);
      const [event, ...more] = (await running.service.events.read(`notification-${id}`)).slice(1);
      expect(more).toEqual([]);
      expect(event).toMatchObject({
        type: 'notifications.NotificationUnconfirmed',
        data: { cause: 'expired', messageId: takenBy('perhaps@example.com')[0]!.mail.messageId },
      });
      const { triedAt } = event!.data as { triedAt: string };
      expect(Date.parse(triedAt)).toBeLessThan(Date.parse(told.endedAt) - 5_000);
      await kept(running, 'mail-delivery-unconfirmed', id);

      // Somebody decides to try again.
      isLinkDead = false;
      await staff.post(`back-office/notifications/${id}/resend`, {});
      await running.clock.settled();
      expect(await shown(id, staff)).toMatchObject({ status: 'sent', round: 2 });
    }, 60_000);

    it('and that is refused when it comes again is not called failed either', async () => {
      const id = await askedFor('twice@example.com');
      sink.behave({ at: 'data', code: 554, text: 'seen before' });
      await running.clock.advance('1m');
      expect(await shown(id)).toMatchObject({ ...DOUBTFUL, reason: expect.stringContaining('554') });
    });

    it('is sent when the server takes it again, and says so', async () => {
      const id = await askedFor('again.and.again@example.com');
      sink.behave(null);
      await running.clock.advance('1m');
      expect(await shown(id)).toMatchObject({ status: 'sent' });
      const ids = takenBy('again.and.again@example.com').map(({ mail }) => mail.messageId);
      expect(ids).toEqual([ids[0], ids[0]]);
    });

    it('and never says so within its day is unconfirmed at the end of it', async () => {
      const id = await askedFor('silence@example.com');
      sink.behave('hang up');
      await running.clock.advance('25h');
      expect(await shown(id)).toMatchObject(DOUBTFUL);
    }, 120_000);
  });

  it('whose process was ended from outside can be sent anew once nobody can report of it any more', async () => {
    sink.behave('hang up');
    const id = await askForMail(running, fresh(), { to: 'orphan@example.com' });
    await running.clock.settled();
    const temporal = await connectTemporal(running.temporal.target);
    await temporal.client.workflow.getHandle(id).terminate();
    await temporal.close();
    sink.behave(null);
    const { deadline } = await shown(id);
    const until = Date.parse(deadline) + 15 * 60_000;
    await running.clock.advance(until - running.clock.now().getTime() - 5_000);
    expect(await shown(id)).toMatchObject({ status: 'queued', version: 0, actions: [] });
    await running.clock.advance('10s');
    const staff = await running.staff();
    expect(await shown(id, staff)).toMatchObject({ status: 'queued', actions: ['resend'] });
    const resent = await staff.post(`back-office/notifications/${id}/resend`, {});
    expect(resent).toMatchObject({ status: 202, body: { id, version: 1 } });
    await running.clock.settled();
    expect(await shown(id, staff)).toMatchObject({ status: 'sent', round: 2, version: 2 });
    expect(takenBy('orphan@example.com').map(({ mail }) => mail.messageId)).toEqual([`<${id}.2@example.com>`]);
  }, 120_000);

  it('cannot be sent anew while it is under way', async () => {
    sink.behave('hang up');
    const id = await askForMail(running, fresh(), { to: 'busy@example.com' });
    await running.clock.settled();
    const staff = await running.staff();
    const { status, body } = await staff.post(`back-office/notifications/${id}/resend`, {});
    expect([status, body.code]).toEqual([409, 'NOTIFICATION_UNDER_WAY']);
  });

  it('has one receiver, whatever stands in the address', async () => {
    await askForMail(running, fresh(), { to: 'one@example.com, two@example.com' });
    await askForMail(running, fresh(), { to: 'three@example.com\r\nBcc: four@example.com' });
    await running.clock.settled();
    for (const { to, raw } of sink.taken) {
      expect(to).toHaveLength(1);
      expect(raw.toString()).not.toMatch(/^bcc:/im);
    }
    expect(sink.taken.flatMap(({ to }) => to)).not.toEqual(expect.arrayContaining(['two@example.com']));
    expect(sink.taken.flatMap(({ to }) => to)).not.toEqual(expect.arrayContaining(['four@example.com']));
  });

  it('goes on when the service was down meanwhile, and what fell due happens once', async () => {
    sink.behave('hang up');
    const id = await askForMail(running, fresh(), { to: 'patient@example.com' });
    await running.clock.settled();
    sink.behave(null);
    await running.restart({ passes: '2h' });
    await running.clock.advance('1s');
    expect(await shown(id)).toMatchObject({ status: 'sent' });
    await running.clock.advance('2h');
    expect(takenBy('patient@example.com')).toHaveLength(1);
  }, 60_000);

  it('keeps tokens, passwords and addresses out of what Temporal and the log hold', async () => {
    const id = await askForMail(running, fresh(), { to: 'secret@example.com' });
    await askForMail(running, fresh(), { kind: 'samples.notice', to: 'secret@example.com' });
    await running.clock.settled();
    const [link, notice] = takenBy('secret@example.com').map(({ mail }) => mail.text!);
    const token = /onetimetoken=([0-9a-f]{64})/.exec(link! + notice!)![1]!;
    const password = /パスワード: (\S+)/.exec(link! + notice!)![1]!;
    const history = await historyOf(running, id);
    for (const secret of [token, password, 'secret@example.com']) {
      expect(history).not.toContain(secret);
      expect(running.logged()).not.toContain(secret);
    }
  });
});
