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
  /** What the server took while the service lived for the n-th time, and so may be in doubt after that life. */
  const takenBefore: number[] = [];
  const lives = () => takenBefore.map((taken, n) => taken - (takenBefore[n - 1] ?? 0));
  const messageIds = () => sink.taken.map(({ mail }) => mail.messageId!);
  /** Resolves when the service was killed in the middle of handing in a mail. */
  const killedAtNextMail = (moment: 'before the answer' | 'after the answer') =>
    new Promise<void>((resolve) => {
      sink.whenTaken(async () => {
        // Whatever comes meanwhile is taken and never answered: nothing but these can be in doubt.
        const killed = Promise.withResolvers<void>();
        sink.whenTaken(() => killed.promise);
        const kill = async () => {
          await service.kill();
          takenBefore.push(sink.taken.length);
          sink.whenTaken(null);
          killed.resolve();
          resolve();
        };
        // After the answer the service goes on for a moment: it is somewhere between that and the record.
        if (moment === 'before the answer') await kill();
        else setTimeout(() => void kill(), 1);
      });
    });

  beforeAll(async () => {
    // One connection at a time, so that few mails are in doubt at once.
    sink = await smtpSink(0, 1);
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
    await service.do('advance', 8 * QUARTER_MS);
    for (const id of ids) {
      expect(await service.do('state', id)).toBe('sent');
      expect(await service.do('recorded', id)).toEqual([
        'notifications.NotificationQueued',
        'notifications.NotificationSent',
      ]);
      expect(messageIds()).toContain(`<${id}.1@example.com>`);
    }
    expect(new Set(messageIds()).size).toBe(MAILS);
    // Each kill may repeat what the server had taken in that life, and nothing else; it takes one mail at a time.
    const [inFirst, inSecond] = lives();
    expect(messageIds().length).toBeLessThanOrEqual(MAILS + inFirst! + inSecond!);
    expect(inFirst! + inSecond!).toBeLessThanOrEqual(3);
    await service.do('advance', 100 * QUARTER_MS);
    expect(new Set(messageIds()).size).toBe(MAILS);
  }, 120_000);

  it('and that nobody needs any more when the service is back are not called failed', async () => {
    const handedIn = killedAtNextMail('before the answer');
    const id = await service.do<string>('askPerishable', 'perishable');
    await handedIn;
    const messageId = `<${id}.1@example.com>`;
    expect(messageIds()).toContain(messageId);
    await start();
    await service.do('advance', 8 * QUARTER_MS);
    expect(await service.do('state', id)).toBe('unconfirmed');
    expect(await service.do('recorded', id)).toEqual([
      'notifications.NotificationQueued',
      'notifications.NotificationUnconfirmed',
    ]);
    expect(messageIds().filter((each) => each === messageId)).toHaveLength(1);
  }, 120_000);
});
