// The service as it was built, with a kind of mail to send and a parent that tells it what to do and kills it.
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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
import { TicketLookups } from '../../dist/src/contexts/tickets/lookups.js';
import { Challenges } from '../../dist/src/platform/challenges/challenges.js';
import { Pki } from '../../dist/src/platform/pki/pki.js';
import { SYSTEM } from '../../dist/src/kernel/actor.js';

const config = configOf({ ...process.env, DEMO_CLOCK: 'true' });
const [events, temporal] = await Promise.all([eventStoreOf(config), temporalOf(config)]);
const write = ({ processId }) => ({ subject: '見本', text: processId });
const service = await startService({
  config,
  eventStoreUrl: events.connectionString,
  temporal: temporal.target,
  workflows: builtWorkflows,
  clock: temporal.clock,
  movable: temporal.movable,
  log: logOf('silent'),
  moreMails: [
    { kind: 'samples.plain', write },
    {
      kind: 'samples.perishable',
      write,
      outdated: ({ facts }, { now }) => (now.toISOString() < facts.until ? null : 'its time is over'),
    },
  ],
});

const PERISHES_AFTER_MS = 60_000;
const askPerishable = (processId) =>
  ask(processId, 'samples.perishable', {
    until: new Date(temporal.clock.now().getTime() + PERISHES_AFTER_MS).toISOString(),
  });
const ask = async (processId, kind = 'samples.plain', facts = {}) => {
  const notificationId = notificationIdOf(processId, kind, 'to');
  const about = {
    notificationId,
    kind,
    service: 'samples',
    tenant: '',
    processId,
    recipient: `${processId}@example.com`,
  };
  await service.app.get(Commands).send(requestNotification({ ...about, facts }), {
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

const ticketByNumber = async (number) => service.app.get(TicketLookups).byNumber(number);
/** What somebody with eyes reads in the picture. */
const pictured = async (challengeId) => service.app.get(Challenges).textOf(challengeId);
const read = async (stream) => (await service.events.read(stream)).map(({ type, data }) => ({ type, data }));
const settled = () => service.time.settled();

/** What was set aside for a person to look at, by any follower since the first start. */
const parked = async (dataDir) => {
  const found = { tables: [], parked: [] };
  for (const name of readdirSync(dataDir, { recursive: true })) {
    if (!/\.(db|sqlite)$/.test(name)) continue;
    const database = new DatabaseSync(join(dataDir, name), { readOnly: true });
    const known = database.prepare(
      "select name from sqlite_master where name in ('parked_events', 'parked_consequences')",
    );
    for (const { name: table } of known.all()) {
      found.tables.push(table);
      found.parked.push(...database.prepare(`select * from ${table}`).all());
    }
    database.close();
  }
  return found;
};

/** Where the work for an application stands still, as if a disk, a key or a line took for ever. */
const places = new Map();
const stood = [];
const stand = async ({ applicationId, place }) => void places.set(applicationId, place);
const standing = async () => stood;
const passing = async (applicationId, place, what = null) => {
  if (places.get(applicationId) !== place) return;
  stood.push({ applicationId, place, what });
  await new Promise(() => undefined);
};
const { register } = service.app.get(Pki);
const [reserve, keep] = [register.reserve.bind(register), register.keep.bind(register)];
register.reserve = async (reservation) => {
  const serial = await reserve(reservation);
  await passing(reservation.issuanceId, 'serial reserved');
  return serial;
};
register.keep = async (authorityId, issuanceId, certificate) => {
  await passing(issuanceId, 'signed');
  const kept = await keep(authorityId, issuanceId, certificate);
  await passing(issuanceId, 'kept');
  return kept;
};
const commands = service.app.get(Commands);
const send = commands.send.bind(commands);
commands.send = async (message, sender) => {
  await passing(message.data.applicationId, `before ${message.type}`, message.data.documentId);
  const decided = await send(message, sender);
  await passing(message.data.applicationId, `after ${message.type}`, message.data.documentId);
  return decided;
};

const duties = {
  parked,
  ticketByNumber,
  stand,
  standing,
  pictured,
  read,
  settled,
  ask,
  askPerishable,
  state,
  recorded,
  advance: (ms) => service.time.advance(ms),
};
process.on('message', ({ id, duty, what }) => {
  duties[duty](what).then(
    (answer) => process.send({ id, answer }),
    (error) => process.send({ id, error: String(error) }),
  );
});
await service.app.listen(0, '127.0.0.1');
const url = `${await service.app.getUrl()}/api/v1`;
process.send({ ready: { url, password: service.firstCredential?.password ?? null } });
