// The service as it was built, with a kind of mail to send and a parent that tells it what to do and kills it.
import { randomUUID } from 'node:crypto';
import { startService } from '../../dist/src/entrypoints/service.js';
import { builtWorkflows } from '../../dist/src/entrypoints/processes.js';
import { eventStoreOf } from '../../dist/src/entrypoints/event-store-node.js';
import { temporalOf } from '../../dist/src/entrypoints/temporal-node.js';
import { configOf } from '../../dist/src/platform/config/config.js';
import { logOf } from '../../dist/src/platform/telemetry/log.js';
import { Commands } from '../../dist/src/platform/commands/decided-by.js';
import { Decisions } from '../../dist/src/platform/commands/decisions.js';
import { notificationById } from '../../dist/src/contexts/notifications/lookups.js';
import { notificationIdOf, requestNotification } from '../../dist/src/contexts/notifications/messages.js';
import { SYSTEM } from '../../dist/src/kernel/actor.js';

const config = configOf({ ...process.env, DEMO_CLOCK: 'true' });
const [events, temporal] = await Promise.all([eventStoreOf(config), temporalOf(config)]);
const service = await startService({
  config,
  eventStoreUrl: events.connectionString,
  temporal: temporal.target,
  workflows: builtWorkflows,
  clock: temporal.clock,
  movable: temporal.movable,
  log: logOf('silent'),
  moreMails: [{ kind: 'samples.plain', write: ({ processId }) => ({ subject: '見本', text: processId }) }],
});

const ask = async (processId) => {
  const kind = 'samples.plain';
  const notificationId = notificationIdOf(processId, kind, 'to');
  const about = {
    notificationId,
    kind,
    service: 'samples',
    tenant: '',
    processId,
    recipient: `${processId}@example.com`,
  };
  await service.app.get(Commands).send(requestNotification({ ...about, facts: {} }), {
    commandId: randomUUID(),
    fingerprint: null,
    correlationId: processId,
    actor: SYSTEM,
    onBehalfOf: null,
    tenant: '',
    service: 'samples',
    clientAddress: null,
  });
  return notificationId;
};
const recorded = async (notificationId) =>
  (await service.events.read(`notification-${notificationId}`)).map(({ type }) => type);
const state = async (notificationId) => (await notificationById(service.app.get(Decisions), notificationId))?.state;

const duties = { ask, state, recorded, advance: (ms) => service.time.advance(ms) };
process.on('message', ({ id, duty, what }) => {
  duties[duty](what).then(
    (answer) => process.send({ id, answer }),
    (error) => process.send({ id, error: String(error) }),
  );
});
process.send({ ready: true });
