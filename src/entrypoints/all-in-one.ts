import { assertRestoreFinished } from '../platform/backup/restore-backup.js';
import { configOf } from '../platform/config/config.js';
import { logOf } from '../platform/telemetry/log.js';
import { eventStoreOf } from './event-store-node.js';
import { builtWorkflows } from './processes.js';
import { type Program, runProgram, say } from './program.js';
import { startService } from './service.js';
import { temporalOf } from './temporal-node.js';
import { firstAccount, welcome } from './welcome.js';

const start = async (): Promise<Program> => {
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
  if (config.mail.isMailboxExposed)
    say('DEVELOPMENT_MAILBOX: whoever reaches /mailbox, by a proxy or tunnel too, reads links that open accounts.');
  return {
    welcome: welcome(await service.app.getUrl(), { eventStore: node.embedded, temporal: temporal.embedded, mailbox }),
    ends: {
      'The embedded event store': node.ended,
      'The embedded Temporal node': temporal.ended,
      'A part of the service': service.ended,
    },
    stop: async () => {
      await service.stop();
      await temporal.stop();
      await node.stop();
    },
  };
};

await runProgram(start);
