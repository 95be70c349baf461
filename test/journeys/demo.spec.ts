import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { hasTool } from '../kit/outside-tools.js';
import { describeWithMovableClock } from '../kit/service.js';

const MINUTE_MS = 60_000;
const dataDir = join(tmpdir(), `shomei-demo-${randomUUID()}`);
const started: Readonly<{ child: ChildProcess; exited: Promise<unknown> }>[] = [];

afterAll(async () => {
  for (const { child, exited } of started) {
    child.kill('SIGKILL');
    await exited;
  }
  await rm(dataDir, { recursive: true, force: true });
});

/** The program that people start, as it was built for this run of the tests. */
const startedService = async (folder: string, more: Record<string, string>) => {
  const settings = { DATA_DIR: join(dataDir, folder), PORT: '0', LOG_LEVEL: 'silent' };
  const limits = { LOGIN_RATE_LIMIT_PER_MINUTE: '10000', EVENTSTORE_URL: '', DATABASE_URL: '' };
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'dist/src/entrypoints/all-in-one.js'],
    { env: { ...process.env, ...settings, ...limits, ...more }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  started.push({ child, exited });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    void exited.then(() => reject(new Error(`it ended: ${said}`)));
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('Processes')) resolve();
    });
  });
  const url = new URL(/API\s+(\S+)\n/.exec(said)![1]!).origin;
  return { url, password: /Password\s+(\S+)/.exec(said)![1]! };
};

const played = async ({ url, password }: Readonly<{ url: string; password: string }>) => {
  const child = spawn(process.execPath, ['tools/demo.mjs', password], {
    env: { ...process.env, SHOMEI_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the demo ended with ${String(code)}: ${said}`);
  return said;
};

const verdict = hasTool('openssl', 'version') ? /openssl {2}holder\.pem: OK/ : /skipped: .*needs openssl/;

describeWithMovableClock('the demo', () => {
  it(
    'plays the set-up and both journeys to their ends, twice on one service',
    async () => {
      const service = await startedService('moving', { DEMO_CLOCK: 'true' });
      const first = await played(service);
      const [, password] = /From now on: {2}npm run demo -- (\S+)\n/.exec(first)!;
      const second = await played({ url: service.url, password: password! });
      expect(second).not.toContain('From now on');
      for (const said of [first, second]) {
        expect(said).toContain('the set-up stands at 5 of 5');
        expect(said).toMatch(/second business day begins.*\n.* 00:00 {2}system +certificates\.CertificateActivated\n/);
        expect(said).toMatch(verdict);
        expect(said).toContain('The application stands at Expired; the link answers 410 LINK_EXPIRED');
        expect(said).toContain('tickets.TicketReleased');
        const [, last] = said.split('The agent registers the same ticket anew, and the new link opens');
        expect(last).toContain('applications.ApplicationLinkOpened');
        expect(last).toMatch(/The companies are E\d{5} and A\d{5}; all mails: http:\S+\/mailbox\n\n$/);
      }
    },
    6 * MINUTE_MS,
  );

  it(
    'plays what needs no moved time, and says how to see the rest',
    async () => {
      const said = await played(await startedService('standing', { DEMO_CLOCK: 'false' }));
      expect(said).toContain('applications.CertificateIssued');
      expect(said).not.toContain('certificates.CertificateActivated');
      expect(said.match(/Start the service with "DEMO_CLOCK=true npm start"/g)).toHaveLength(2);
    },
    3 * MINUTE_MS,
  );
});
