import { assertRestoreFinished } from '../platform/backup/restore-backup.js';
import { logOf } from '../platform/telemetry/log.js';
import { configurationOf } from './configuration.js';
import { eventStoreOf } from './event-store-node.js';
import { type Program, runProgram, say } from './program.js';
import { temporalOf } from './temporal-node.js';
import { firstAccount, welcome } from './welcome.js';

const start = async (): Promise<Program> => {
  const config = configurationOf(process.env);
  const log = logOf(config.logLevel);
  assertRestoreFinished(config.dataDir);
  // The nodes start in threads of their own while this one reads the program, which takes longer.
  const [node, temporal, { startService }, { builtWorkflows }] = await Promise.all([
    eventStoreOf(config),
    temporalOf(config),
    import('./service.js'),
    import('./processes.js'),
  ]);
  const service = await startService({
    config,
    eventStoreUrl: node.connectionString,
    temporal: temporal.target,
    workflows: builtWorkflows,
    clock: temporal.clock,
    movable: temporal.movable,
    ...(temporal.movable ? {} : { projectorThread: new URL('./projector-thread.js', import.meta.url) }),
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
