import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { notifications } from '../../projections/notifications/projection.js';
import { countByState } from '../../projections/notifications/queries.js';
import { Papers } from '../contexts/applications/papers.js';
import { Issuance } from '../contexts/certificates/issuance.commands.js';
import { Commands } from '../platform/commands/decided-by.js';
import { Decisions } from '../platform/commands/decisions.js';
import { SentLetters } from '../platform/mail/sent-letters.js';
import { SmtpPost } from '../platform/mail/smtp.js';
import { HolderKeys } from '../platform/pki/holder-keys.js';
import { keptRows } from '../platform/projections/projector.js';
import { ReadModels } from '../platform/projections/read-models.js';
import type { OnRefused } from '../platform/subscriptions/reactions.js';
import { Lags } from '../platform/subscriptions/lag.js';
import type { Subscription } from '../platform/subscriptions/subscription.js';
import { type Sink } from '../platform/subscriptions/subscription.js';
import { unheardRefusals } from '../platform/telemetry/unheard-refusals.js';
import { connectTemporal, type TemporalConnection } from '../platform/temporal/connection.js';
import { startWorker } from '../platform/temporal/worker.js';
import { startFollowing } from './following.js';
import type { Keeper } from './keeper.js';
import { answered, behindOf } from './readiness.js';
import { activitiesOf, followersOf, startStanding } from './processes.js';
import type { Stores } from './stores.js';
import type { Parts, Surroundings } from './parts.js';
import { projections } from './projections.js';

/** What the roles start beside the module that everybody has. */
type Beside = Readonly<{
  app: NestFastifyApplication;
  surroundings: Surroundings;
  parts: Parts;
  keeper: Keeper;
  subscriptionOf: (sink: Sink) => Subscription;
}>;
type Running = Readonly<{ ended: Promise<void>; stop: () => Promise<void> }>;

/** What works without being asked by anybody: the worker of the processes, and everybody who acts on what is recorded. */
export const startRoles = async (beside: Beside): Promise<Running> => {
  const { surroundings, parts } = beside;
  const { stores, readiness, metrics, roles } = parts;
  metrics.watchParked(() => stores.parkedEvents.countByFollower());
  metrics.watchMails(() => new ReadModels(stores.readModels).query(notifications, countByState));
  if (!roles.includes('projector') && !roles.includes('worker'))
    return { ended: new Promise<void>(() => undefined), stop: () => Promise.resolve() };
  const temporal = await connectTemporal(surroundings.temporal);
  readiness['temporal'] = answered(temporal.ping);
  const onRefused = unheardRefusals(metrics, surroundings.log);
  await startStanding(temporal);
  const running: Running[] = [];
  if (roles.includes('worker')) running.push(await startProcesses(beside, temporal, onRefused));
  if (roles.includes('projector')) running.push(await startFollowers(beside, temporal, onRefused));
  const ended = Promise.race(running.map((part) => part.ended));
  ended.catch(() => undefined);
  const stop = async () => {
    for (const part of running.toReversed()) await part.stop();
    await temporal.close();
  };
  return { ended, stop };
};

const startFollowers = async (
  { app, surroundings, parts, keeper, subscriptionOf }: Beside,
  temporal: TemporalConnection,
  onRefused: OnRefused,
): Promise<Running> => {
  const { stores, pki, readiness, metrics } = parts;
  const tools = { stores, pki, temporal, decisions: app.get(Decisions), commands: app.get(Commands) };
  const sinks = followersOf({ ...tools, papers: app.get(Papers), keys: app.get(HolderKeys) }, onRefused);
  const followers = sinks.map(subscriptionOf);
  const following = await startFollowing(stores, metrics, keeper, followers);
  const lags = new Lags(stores.events, [...keptRows(projections, stores.readModels), ...sinks], surroundings.clock);
  metrics.watchLag(() => lags.seconds());
  const behind = behindOf(() => lags.seconds());
  // Where another process is at work this one follows nothing, and that is as it should be.
  readiness['followers'] = async () => {
    if (!following.atWork()) return null;
    return followers.every(({ caughtUp }) => caughtUp) ? behind(sinks) : 'catching up';
  };
  readiness['projections'] = async () => {
    if (!following.atWork()) return builtProjections(stores);
    return (await keeper.isCaughtUp()) ? behind(projections) : 'catching up';
  };
  return following;
};

const startProcesses = async (
  { app, surroundings, parts }: Beside,
  temporal: TemporalConnection,
  onRefused: OnRefused,
): Promise<Running> => {
  const { config, workflows, clock, log } = surroundings;
  const { stores, pki, letters, readiness, metrics } = parts;
  const post = stores.mailbox ?? new SmtpPost(config.mail.smtpUrl!, config.mail.from, config.mail.requireTls);
  const mailDomain = domainOf(config.mail.from);
  const [decisions, commands, issuance] = [app.get(Decisions), app.get(Commands), app.get(Issuance)];
  const sentLetters = app.get(SentLetters);
  const tools = { decisions, commands, pki, letters, sentLetters, post, clock, mailDomain, issuance };
  const worker = await startWorker(surroundings.temporal, workflows, activitiesOf(tools, onRefused), log);
  metrics.watchProcesses(temporal.client, worker.status);
  readiness['worker'] = () => {
    const { runState } = worker.status();
    return Promise.resolve(runState === 'RUNNING' ? null : runState.toLowerCase());
  };
  const stop = async () => {
    await worker.stop();
    await post.close();
  };
  return { ended: worker.ended, stop };
};

/** For a process that does not build them: whether another one has, as this program reads them. */
export const builtProjections = async ({ readModels }: Stores): Promise<string | null> => {
  const rows = new ReadModels(readModels);
  const built = await Promise.all(projections.map((definition) => rows.isBuilt(definition)));
  const lacking = projections.filter((_, index) => !built[index]).map(({ name }) => name);
  return lacking.length === 0 ? null : `not built yet: ${lacking.join(', ')}`;
};

const domainOf = (from: string): string => /@([^\s<>@]+)>?$/.exec(from)?.[1] ?? 'localhost';
