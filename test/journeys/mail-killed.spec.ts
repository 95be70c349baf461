import { Killable } from '../kit/killable.js';
import { ownFolder } from '../kit/own-folder.js';
import { type SmtpSink, smtpSink } from '../kit/smtp-sink.js';

const MAILS = 6;
const QUARTER_MS = 15 * 60_000;

describe('mails of a service that is killed without warning', () => {
  const dataDir = ownFolder();
  let sink: SmtpSink;
  let service: Killable;
  const start = async () => {
    const env = { DATA_DIR: dataDir, SMTP_URL: sink.url, MAIL_FROM: 'no-reply@example.com' };
    service = await Killable.start(env);
  };
  const messageIds = () => sink.taken.map(({ mail }) => mail.messageId!);
  /** Resolves when the service was killed in the middle of handing in a mail. */
  const killedAtNextMail = (moment: 'before the answer' | 'after the answer') =>
    new Promise<void>((resolve) => {
      sink.whenTaken(async () => {
        sink.whenTaken(null);
        // After the answer the service goes on for a moment: it is somewhere between that and the record.
        if (moment === 'before the answer') await service.kill();
        else setTimeout(() => void service.kill().then(resolve), 1);
        if (moment === 'before the answer') resolve();
      });
    });

  beforeAll(async () => {
    sink = await smtpSink();
    await start();
  }, 60_000);
  afterAll(async () => {
    await service.kill();
    await sink.stop();
  });

  it('all arrive, each is recorded once, and one that comes twice says by its Message-ID that it is the same', async () => {
    sink.behave('hang up');
    const ids: string[] = [];
    for (let n = 0; n < MAILS; n += 1) ids.push(await service.do<string>('ask', `process-${n}`));
    // The last events have hardly been written; nobody may have started their processes.
    await service.kill();

    sink.behave(null);
    const first = killedAtNextMail('before the answer');
    await start();
    service.do('advance', QUARTER_MS).catch(() => undefined);
    await first;

    const second = killedAtNextMail('after the answer');
    await start();
    service.do('advance', QUARTER_MS).catch(() => undefined);
    await second;

    await start();
    // Longer than a try may take and the pause after it.
    await service.do('advance', QUARTER_MS);
    for (const id of ids) {
      expect(await service.do('state', id)).toBe('sent');
      expect(await service.do('recorded', id)).toEqual([
        'notifications.NotificationQueued',
        'notifications.NotificationSent',
      ]);
      expect(messageIds()).toContain(`<${id}.1@example.com>`);
    }
    expect(new Set(messageIds()).size).toBe(MAILS);
    // Each kill may repeat what was in the server's hands at that moment, and nothing else.
    expect(messageIds().length).toBeLessThanOrEqual(3 * MAILS);
    await service.do('advance', 100 * QUARTER_MS);
    expect(new Set(messageIds()).size).toBe(MAILS);
  }, 120_000);
});
