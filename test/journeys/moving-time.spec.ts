import { temporalOf } from '../../src/entrypoints/temporal-node.js';
import { configOf } from '../../src/platform/config/config.js';
import { askForMail } from '../kit/asked-mails.js';
import { ownFolder } from '../kit/own-folder.js';
import { sampleLinkMail } from '../kit/sample-mails.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

const DAY_MS = 86_400_000;

describeWithMovableClock('the clock of the tests', () => {
  let running: RunningService;
  beforeAll(async () => {
    running = await startForTests(
      { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'no-reply@example.com' },
      { mails: [sampleLinkMail] },
    );
  }, 60_000);
  afterAll(() => running.stop());

  it('shows deciders one exact millisecond, as often as they look', async () => {
    const moment = new Date(running.clock.now().getTime() + 3 * DAY_MS);
    await running.clock.standAt(moment);
    expect(running.clock.now()).toEqual(moment);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(running.clock.now()).toEqual(moment);
    await askForMail(running, 'stands');
    const { body } = await (await running.staff()).get('back-office/notifications?kind=samples.link');
    expect(new Date(body.items[0].queuedAt)).toEqual(moment);
    expect(Date.parse(body.items[0].deadline) - moment.getTime()).toBe(DAY_MS);
  });

  it('goes on, later than what it showed', async () => {
    const shown = running.clock.now();
    await running.clock.advance('10s');
    expect(running.clock.now().getTime()).toBeGreaterThan(shown.getTime());
  });

  it('brings everybody along: what fell due has happened, been recorded and is shown', async () => {
    await running.clock.advance('2d');
    const { body } = await (await running.staff()).get('back-office/notifications?kind=samples.link');
    expect(body.items).toMatchObject([{ status: 'failed' }]);
    const { endedAt, round } = body.items[0];
    expect(round).toBe(1);
    // At its own moment on the way, not when the two days were over.
    expect(running.clock.now().getTime() - Date.parse(endedAt)).toBeGreaterThan(DAY_MS / 2);
  }, 60_000);

  it('is where the node is after a restart of the service', async () => {
    const before = running.clock.now();
    await running.restart({ passes: '1d' });
    expect(running.clock.now().getTime() - before.getTime()).toBeGreaterThanOrEqual(DAY_MS);
  }, 60_000);
});

describeWithMovableClock('a data folder whose time was moved', () => {
  it('is not taken for one whose time is right', async () => {
    const DATA_DIR = ownFolder();
    const started = (demo: string) => temporalOf(configOf({ DATA_DIR, DEMO_CLOCK: demo }));
    const untouched = await started('false');
    await untouched.stop();
    const moved = await started('true');
    await moved.movable!.advance('2s');
    await moved.stop();
    await expect(started('false')).rejects.toThrow('DEMO_CLOCK was used with this DATA_DIR');
    // The node is let go of: whoever meant it goes on where time stands.
    const again = await started('true');
    expect(again.clock.now().getTime() - Date.now()).toBeGreaterThan(1_500);
    await again.stop();
  }, 60_000);
});
