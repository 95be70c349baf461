import { assertRestoreFinished } from '../platform/backup/restore-backup.js';
import { ConfigurationFaults, configOf } from '../platform/config/config.js';
import { logOf } from '../platform/telemetry/log.js';
import { API_PREFIX, DOCS } from '../platform/http/app.js';
import { eventStoreOf } from './event-store-node.js';
import { builtWorkflows } from './processes.js';
import { startService } from './service.js';
import { temporalOf } from './temporal-node.js';

const NODE_MIN = 24;
const DRAIN_MAX_MS = 15_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const fail = (text: string): never => {
  say(text);
  process.exit(1);
};

const run = async (): Promise<void> => {
  if (Number(process.versions.node.split('.')[0]) < NODE_MIN)
    return fail(
      `Shomei needs Node ${NODE_MIN}; this is ${process.versions.node}. Start it with "npm start", which brings its own.`,
    );
  const config = configOf(process.env);
  const log = logOf(config.logLevel);
  assertRestoreFinished(config.dataDir);
  const [node, temporal] = await Promise.all([eventStoreOf(config), temporalOf(config)]);
  const service = await startService({
    config,
    eventStoreUrl: node.connectionString,
    temporal: temporal.target,
    workflows: builtWorkflows,
    clock: temporal.clock,
    movable: temporal.movable,
    log,
  });
  // Told before anything else can go wrong: it is never told again.
  if (service.firstCredential) say(firstAccount(service.firstCredential));
  await service.app.listen(config.port, config.host);
  const mailbox = service.mailbox !== null;
  say(welcome(await service.app.getUrl(), { eventStore: node.embedded, temporal: temporal.embedded, mailbox }));

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    // A request that never ends must not keep the process: what it wanted is repeatable.
    setTimeout(() => process.exit(1), DRAIN_MAX_MS).unref();
    await service.stop();
    await temporal.stop();
    await node.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  const ends = {
    'the embedded event store': node.ended,
    'the embedded Temporal node': temporal.ended,
    worker: service.ended,
  };
  for (const [part, ended] of Object.entries(ends))
    ended.catch((error: unknown) => {
      log.fatal({ err: error }, `${part} died`);
      process.exit(1);
    });
};

const firstAccount = ({ loginId, password }: { loginId: string; password: string }): string =>
  [
    '',
    'The first back-office account, shown this once:',
    `  Login ID       ${loginId}`,
    `  Password       ${password}`,
  ].join('\n');

type Own = Readonly<{ eventStore: boolean; temporal: boolean; mailbox: boolean }>;

const welcome = (url: string, own: Own): string =>
  [
    '',
    `Shomei is ready (${Math.round(performance.now())} ms).`,
    `  API            ${url}/${API_PREFIX}`,
    `  API document   ${url}/${DOCS}`,
    `  Health         ${url}/health/ready`,
    `  Metrics        ${url}/metrics`,
    `  Mail           ${own.mailbox ? `${url}/mailbox (set SMTP_URL to send it for real)` : 'goes to the server that SMTP_URL names'}`,
    `  Event store    ${own.eventStore ? 'embedded, in the data folder' : 'the one that EVENTSTORE_URL names'}`,
    `  Processes      ${own.temporal ? 'embedded Temporal node, in the data folder' : 'the Temporal that TEMPORAL_ADDRESS names'}`,
    '',
  ].join('\n');

run().catch((error: unknown) => {
  if (error instanceof ConfigurationFaults) fail(error.message);
  fail(`Shomei could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
});
