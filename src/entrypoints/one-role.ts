import { assertRestoreFinished } from '../platform/backup/restore-backup.js';
import { logOf } from '../platform/telemetry/log.js';
import { configurationOf } from './configuration.js';
import { eventStoreOf } from './event-store-node.js';
import { type Program, say } from './program.js';
import { type Role, sharingFaultsOf } from './roles.js';
import { temporalOf } from './temporal-node.js';
import { firstAccount } from './welcome.js';

/** A process that does one part of the work, beside others that do the rest. */
export const startOneRole = async (role: Role): Promise<Program> => {
  const config = configurationOf(process.env, sharingFaultsOf(role, process.env));
  assertRestoreFinished(config.dataDir);
  const log = logOf(config.logLevel);
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
    movable: null,
    log,
    roles: [role],
  });
  if (service.firstCredential) say(firstAccount(service.firstCredential));
  await service.app.listen(config.port, config.host);
  const url = await service.app.getUrl();
  return {
    welcome: [
      '',
      `Shomei's ${role} is ready (${Math.round(performance.now())} ms).`,
      ...(role === 'api' ? [`  API            ${url}/api/v1`] : []),
      `  Health         ${url}/health/ready`,
      `  Metrics        ${url}/metrics`,
      '',
    ].join('\n'),
    ends: { [`the ${role}`]: service.ended },
    stop: () => service.stop(),
  };
};
