import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type Service, startService } from '../../src/entrypoints/service.js';
import { type TemporalNode, temporalOf } from '../../src/entrypoints/temporal-node.js';
import { type Config, configOf } from '../../src/platform/config/config.js';
import type { MailTemplate } from '../../src/platform/mail/template.js';
import { logOf } from '../../src/platform/telemetry/log.js';
import { openApiOf } from '../../src/platform/http/documented.js';
import { ApiContract } from './api-contract.js';
import { Browser } from './browser.js';
import { describeWhen } from './describe-when.js';
import { eventStoreForTests } from './event-store.js';
import { chosenFor } from './first-login.js';
import { mailsOf, type ReceivedMail } from './mails.js';
import { type Span, TestClock } from './test-clock.js';
import { workflowsForTests } from './workflow-bundle.js';

export const realTemporal = process.env['TEMPORAL_ADDRESS'];

/** Suites in which processes wait; a real Temporal server keeps its own time. */
export const describeWithMovableClock = (title: string, suite: () => void): void =>
  describeWhen(realTemporal === undefined, `${title} (needs a clock that can be moved)`, suite);

export type RunningService = Readonly<{
  service: Service;
  clock: TestClock;
  temporal: TemporalNode;
  config: Config;
  eventStoreUrl: string;
  /** The first account of the back office, with the password that was chosen for it. */
  first: Credential;
  /** Everything logged so far. */
  logged: () => string;
  browser: (address?: string) => Browser;
  /** A browser that is logged in to the back office. */
  staff: () => Promise<Browser>;
  /** What has arrived by now, oldest first; of one receiver or of all. */
  mailbox: (to?: string) => Promise<readonly ReceivedMail[]>;
  /** Stops the service and starts it again on the same stores; meanwhile time may pass. */
  restart: (meanwhile?: Readonly<{ passes: Span }>) => Promise<void>;
  stop: () => Promise<void>;
}>;

const environmentOf = (dataDir: string, env: Record<string, string>) => ({
  DATA_DIR: dataDir,
  LOGIN_RATE_LIMIT_PER_MINUTE: '100000',
  RATE_LIMIT_PER_MINUTE: '100000',
  ...(realTemporal === undefined
    ? { DEMO_CLOCK: 'true' }
    : { TEMPORAL_ADDRESS: realTemporal, TEMPORAL_TASK_QUEUE: `test-${randomUUID()}` }),
  // Whatever address a test lets the service have.
  ...(env['SMTP_URL'] === undefined ? { DEVELOPMENT_MAILBOX: 'true' } : {}),
  ...env,
});

type Credential = Readonly<{ loginId: string; password: string }>;

/** What the first start told opens nothing but its own change. */
const chosen = async (browser: Browser, { loginId, password }: Credential): Promise<Credential> => {
  const login = await browser.post('back-office/sessions', { loginId, password });
  const newPassword = chosenFor(password);
  const change = { currentPassword: password, newPassword, newPasswordRepeat: newPassword };
  const changed = await browser.put('back-office/me/password', change);
  if (changed.status !== 200) throw new Error(`the first account: ${login.status}, ${changed.status}`);
  return { loginId, password: newPassword };
};

export type More = Readonly<{
  mails?: readonly MailTemplate[];
  /** Whether an event may have been parked by the end; anywhere else it is a fault that nobody asked for. */
  parks?: boolean;
}>;

const PARKED = 'an event was parked';

export const startForTests = async (env: Record<string, string> = {}, more: More = {}): Promise<RunningService> => {
  const node = await eventStoreForTests();
  const dataDir = join(tmpdir(), `shomei-${randomUUID()}`);
  const config = configOf(environmentOf(dataDir, env));
  const [temporal, workflows] = await Promise.all([temporalOf(config), workflowsForTests()]);
  const clock: TestClock = new TestClock(temporal.clock, () => service.time);
  const lines: string[] = [];
  const log = logOf('info', new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) }));
  const pfxMaker = {
    entry: new URL('../../src/pki/pkcs12/worker.ts', import.meta.url),
    execArgv: ['--import', new URL('./from-sources.mjs', import.meta.url).href],
  };
  const surroundings = {
    config,
    eventStoreUrl: node.connectionString,
    temporal: temporal.target,
    workflows,
    clock,
    movable: temporal.movable,
    log,
    pfxMaker,
    moreMails: more.mails ?? [],
  };
  let service = await startService(surroundings);
  const contract = new ApiContract(openApiOf(service.app));
  const browser = (address?: string) => new Browser(service.app, address, contract);
  const first = await chosen(browser('192.0.2.254'), service.firstCredential!);
  return {
    get service() {
      return service;
    },
    clock,
    temporal,
    config,
    eventStoreUrl: node.connectionString,
    first,
    logged: () => lines.join(''),
    browser,
    staff: async () => {
      const staff = browser();
      const { status } = await staff.post('back-office/sessions', first);
      if (status !== 201) throw new Error(`staff cannot log in: ${status}`);
      return staff;
    },
    mailbox: async (to) => {
      await clock.settled();
      return mailsOf(service.app, to);
    },
    restart: async (meanwhile) => {
      await service.stop();
      if (meanwhile) await temporal.movable?.advance(meanwhile.passes);
      service = await startService(surroundings);
    },
    stop: async () => {
      await service.stop();
      await temporal.stop();
      await node.stop();
      await rm(dataDir, { recursive: true, force: true });
      const parked = more.parks ? [] : lines.filter((line) => line.includes(PARKED));
      if (parked.length > 0) throw new Error(`the service could not take in what it recorded: ${parked.join('')}`);
    },
  };
};
