import 'reflect-metadata';
import { Module, type Provider, type Type } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { accounts } from '../../projections/accounts/projection.js';
import { applications } from '../../projections/applications/projection.js';
import { certificates } from '../../projections/certificates/projection.js';
import { clientPortal } from '../../projections/client-portal/projection.js';
import { notifications } from '../../projections/notifications/projection.js';
import { countByState } from '../../projections/notifications/queries.js';
import { operationHistory } from '../../projections/operation-history/projection.js';
import { partners } from '../../projections/partners/projection.js';
import { ticketOrders } from '../../projections/ticket-orders/projection.js';
import { auditHandlers, HistoryReads } from '../contexts/audit/commands.js';
import { OperationHistoryController } from '../contexts/audit/http.js';
import { PortalBackOfficeController } from '../contexts/client-portal/back-office.http.js';
import { PortalCasesController } from '../contexts/client-portal/cases.http.js';
import { Papers } from '../contexts/applications/papers.js';
import { Issuance } from '../contexts/certificates/issuance.commands.js';
import { clientPortalHandlers } from '../contexts/client-portal/commands.js';
import { MaterialsController } from '../contexts/client-portal/materials.http.js';
import { PortalPagesController } from '../contexts/client-portal/pages.http.js';
import { PortalSessionController } from '../contexts/client-portal/session.http.js';
import { PortalUsersController } from '../contexts/client-portal/users.http.js';
import { identityHandlers, RefusedOperationsHistory } from '../contexts/identity/commands.js';
import { OutAtOnce } from '../contexts/identity/consequences.js';
import { StaffSessionController } from '../contexts/identity/http.js';
import { StaffController } from '../contexts/identity/staff.http.js';
import {
  CompanyTokensController,
  PortalTokensController,
  StaffTokensController,
  TokenDesk,
} from '../contexts/identity/tokens.http.js';
import { PartnersBackOfficeController } from '../contexts/partners/back-office.http.js';
import { partnersHandlers } from '../contexts/partners/commands.js';
import { PartnerGroupsController } from '../contexts/partners/groups.http.js';
import { PartnerMembersController } from '../contexts/partners/members.http.js';
import { PartnerPagesController } from '../contexts/partners/pages.http.js';
import { PartnerRecoveryController } from '../contexts/partners/recovery.http.js';
import { PartnerSessionController } from '../contexts/partners/session.http.js';
import { operationsHandlers } from '../contexts/operations/commands.js';
import { ParkedEventsController } from '../contexts/operations/http.js';
import { notificationHandlers } from '../contexts/notifications/commands.js';
import { NotificationsController } from '../contexts/notifications/http.js';
import { businessCalendar } from '../kernel/calendar.js';
import { CLOCK, type Clock } from '../kernel/clock.js';
import type { PfxMakerOptions } from '../pki/pkcs12/pfx-maker.js';
import { Attempts } from '../platform/access/attempts.js';
import { Links } from '../platform/access/links.js';
import { OwnPasswords } from '../platform/access/own-password.js';
import { Passwords } from '../platform/access/passwords.js';
import { Sessions } from '../platform/access/sessions.js';
import { AccessTokens } from '../platform/access/tokens.js';
import { Commands } from '../platform/commands/decided-by.js';
import { type DecisionListener, Decisions } from '../platform/commands/decisions.js';
import type { Config } from '../platform/config/config.js';
import type { EventStore } from '../platform/event-store/event-store.js';
import { type Beside, httpApp } from '../platform/http/app.js';
import { FirstAnswer } from '../platform/http/first-answer.js';
import { LIMITS as STREAMS, LiveReads } from '../platform/http/live/live-reads.js';
import { LiveAnswer } from '../platform/http/live/live.js';
import { HealthController, Readiness } from '../platform/http/health.js';
import { PKI_PREFIX, publicPki } from '../platform/http/public-pki.js';
import { ProblemFilter, RefusedOperations } from '../platform/http/problem-filter.js';
import { ProgramRates } from '../platform/http/program-rates.js';
import { SessionGuard } from '../platform/http/session-guard.js';
import { statusFront } from '../platform/http/status-front.js';
import { MailboxController, MailboxPagesController } from '../platform/mail/http.js';
import { Letters } from '../platform/mail/letters.js';
import { Mailbox } from '../platform/mail/mailbox.js';
import { SentLetters } from '../platform/mail/sent-letters.js';
import { SmtpPost } from '../platform/mail/smtp.js';
import type { MailTemplate } from '../platform/mail/template.js';
import { HolderKeys } from '../platform/pki/holder-keys.js';
import { Pki } from '../platform/pki/pki.js';
import { Projector } from '../platform/projections/projector.js';
import { ReadModels } from '../platform/projections/read-models.js';
import { oneAtATime, Turns } from '../platform/sql/one-at-a-time.js';
import type { OnRefused } from '../platform/subscriptions/reactions.js';
import { Lags } from '../platform/subscriptions/lag.js';
import { SharedFeed } from '../platform/subscriptions/shared-feed.js';
import { Settling } from '../platform/subscriptions/settling.js';
import { ParkedEvents } from '../platform/subscriptions/parked-events.js';
import { type Sink, Subscription, type SubscriptionListener } from '../platform/subscriptions/subscription.js';
import { LOG, type Log } from '../platform/telemetry/log.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { unheardRefusals } from '../platform/telemetry/unheard-refusals.js';
import { connectTemporal, type TemporalTarget } from '../platform/temporal/connection.js';
import { startWorker, type WorkflowBundle } from '../platform/temporal/worker.js';
import { DemoClockController } from '../platform/time/http.js';
import { type MovableNodeClock, MovingTime } from '../platform/time/moving-time.js';
import { Keyring } from '../platform/vault/keyring.js';
import { Vault } from '../platform/vault/vault.js';
import { applicationControllers, applicationProviders } from './applications.js';
import { certificateControllers, certificateProviders } from './certificates.js';
import { firstStaff } from './first-staff.js';
import { startFollowing } from './following.js';
import { answered, behindOf, carriedOut, type Check } from './readiness.js';
import { activitiesOf, followersOf, mailTemplatesOf, startStanding } from './processes.js';
import { EVERY_ROLE, type Role } from './roles.js';
import { eventDefinitions, openStores, type Stores } from './stores.js';
import { ticketOrderControllers, ticketOrderProviders } from './ticket-orders.js';

export const projections = [
  accounts,
  applications,
  certificates,
  clientPortal,
  partners,
  ticketOrders,
  operationHistory,
  notifications,
];

export type Service = Readonly<{
  app: NestFastifyApplication;
  projector: Projector;
  events: EventStore;
  /** Where mails land without a mail server. */
  mailbox: Mailbox | null;
  /** Only where the clock can be moved. */
  time: MovingTime | null;
  /** Shown once, where the first start made it. */
  firstCredential: Readonly<{ loginId: string; password: string }> | null;
  /** Rejects when a part died that the service cannot do without. */
  ended: Promise<void>;
  stop: () => Promise<void>;
}>;

export type Surroundings = Readonly<{
  config: Config;
  eventStoreUrl: string;
  temporal: TemporalTarget;
  workflows: WorkflowBundle;
  clock: Clock;
  /** Given where time can be moved, for tests and demonstrations. */
  movable: MovableNodeClock | null;
  log: Log;
  /** All of them unless other processes do the rest. */
  roles?: readonly Role[];
  /** Where the worker for `.pfx` files lies when the service runs from its sources. */
  pfxMaker?: PfxMakerOptions;
  /** Beside those of the product. */
  moreMails?: readonly MailTemplate[];
}>;

export const startService = async (surroundings: Surroundings): Promise<Service> => {
  const { config, eventStoreUrl, clock, movable, log, roles = EVERY_ROLE, moreMails = [] } = surroundings;
  if (config.mail.isMailboxExposed)
    log.warn('DEVELOPMENT_MAILBOX: who reaches /mailbox, by a proxy or tunnel too, reads links that open accounts');
  const metrics = new Metrics();
  const settling = new Settling();
  const stores = await openStores(config, eventStoreUrl, clock);
  const heard = watched(metrics, log, movable ? settling : null);
  for (const { name, typePrefixes } of projections) settling.follow({ name, typePrefixes });
  const feeds = new SharedFeed(stores.events, contextsOf(eventDefinitions));
  const projector = new Projector(feeds, stores.readModels, projections, clock, heard);
  const time = movable && new MovingTime(clock, movable, settling);
  const letters = new Letters(
    [...mailTemplatesOf(stores, config), ...moreMails],
    stores.links,
    stores.passwords,
    config.publicUrl,
  );
  // Two processes at their first start must not both make the authorities.
  const pki = await oneAtATime(stores.secrets as never, () => openPki(stores, surroundings));
  const readiness: Record<string, Check> = { projections: () => builtProjections(stores) };
  const shared = { config, stores, pki, readiness, clock, log, metrics, letters, time };
  const parts = { ...shared, roles, settling: movable ? settling : null };
  const app = await httpApp(moduleOf(parts), config, log, roles.includes('api') ? [publicPkiOf(parts)] : []);
  const firstCredential = roles.includes('api')
    ? await firstStaff(app.get(Commands), app.get(Decisions), stores.passwords)
    : null;
  const running = await startRoles(
    app,
    surroundings,
    parts,
    projector,
    (sink) => new Subscription(feeds, settling.follow(sink), heard),
  );
  const stop = async () => {
    // No new requests, the running ones to their end, then what they stood on.
    await app.close();
    await running.stop();
    await pki.close();
    await stores.close();
  };
  const { events, mailbox } = stores;
  return { app, projector, events, mailbox, time, firstCredential, ended: running.ended, stop };
};

/** What the names of all events begin with, whichever of them somebody follows. */
const contextsOf = (definitions: readonly Readonly<{ type: string }>[]): readonly string[] => [
  ...new Set(definitions.map(({ type }) => `${type.split('.', 1)[0]}.`)),
];

const publicPkiOf = ({ pki, clock, config }: Parts): Beside => ({
  prefix: PKI_PREFIX,
  routes: publicPki(pki, clock, config.rateLimitPerMinute),
  front: statusFront(PKI_PREFIX, pki, clock, config),
});

/** What works without being asked by anybody: the worker of the processes, and everybody who acts on what is recorded. */
const startRoles = async (
  app: NestFastifyApplication,
  surroundings: Surroundings,
  { stores, pki, letters, readiness, metrics, roles }: Parts,
  projector: Projector,
  subscriptionOf: (sink: Sink) => Subscription,
) => {
  const ends: Promise<void>[] = [];
  const stops: (() => Promise<void>)[] = [];
  metrics.watchParked(() => stores.parkedEvents.countByFollower());
  metrics.watchMails(() => new ReadModels(stores.readModels).query(notifications, countByState));
  if (!roles.includes('projector') && !roles.includes('worker'))
    return { ended: new Promise<void>(() => undefined), stop: () => Promise.resolve() };
  const temporal = await connectTemporal(surroundings.temporal);
  stops.unshift(() => temporal.close());
  readiness['temporal'] = answered(temporal.ping);
  const onRefused = unheardRefusals(metrics, surroundings.log);
  await startStanding(temporal);
  if (roles.includes('worker')) {
    const worker = await startProcesses(app, surroundings, { stores, pki, letters }, onRefused);
    metrics.watchProcesses(temporal.client, worker.status);
    readiness['worker'] = () =>
      Promise.resolve(worker.status().runState === 'RUNNING' ? null : worker.status().runState.toLowerCase());
    ends.push(worker.ended);
    stops.unshift(() => worker.stop());
  }
  if (roles.includes('projector')) {
    const tools = { stores, pki, temporal, decisions: app.get(Decisions), commands: app.get(Commands) };
    const reactors = { ...tools, papers: app.get(Papers), keys: app.get(HolderKeys) };
    const sinks = followersOf(reactors, onRefused);
    const followers = sinks.map(subscriptionOf);
    const following = await startFollowing(stores, metrics, projector, followers);
    const measured = [...projector.sinks(), ...sinks];
    const lags = new Lags(stores.events, measured, surroundings.clock);
    metrics.watchLag(() => lags.seconds());
    const behind = behindOf(() => lags.seconds());
    // Where another process is at work this one follows nothing, and that is as it should be.
    readiness['followers'] = async () => {
      if (!following.atWork()) return null;
      return followers.every(({ caughtUp }) => caughtUp) ? behind(sinks) : 'catching up';
    };
    readiness['projections'] = async () => {
      if (!following.atWork()) return builtProjections(stores);
      return projector.caughtUp ? behind(projections) : 'catching up';
    };
    ends.push(following.ended);
    stops.unshift(() => following.stop());
  }
  const stop = async () => {
    for (const end of stops) await end();
  };
  const ended = Promise.race(ends);
  ended.catch(() => undefined);
  return { ended, stop };
};

const startProcesses = async (
  app: NestFastifyApplication,
  { config, temporal, workflows, clock, log }: Surroundings,
  { stores, pki, letters }: Pick<Parts, 'stores' | 'pki' | 'letters'>,
  onRefused: OnRefused,
) => {
  const post = stores.mailbox ?? new SmtpPost(config.mail.smtpUrl!, config.mail.from, config.mail.requireTls);
  const mailDomain = domainOf(config.mail.from);
  const [decisions, commands, issuance] = [app.get(Decisions), app.get(Commands), app.get(Issuance)];
  const sentLetters = app.get(SentLetters);
  const tools = { decisions, commands, pki, letters, sentLetters, post, clock, mailDomain, issuance };
  const worker = await startWorker(temporal, workflows, activitiesOf(tools, onRefused), log);
  const stop = async () => {
    await worker.stop();
    await post.close();
  };
  return { ...worker, stop };
};

/** For a process that does not build them: whether another one has, as this program reads them. */
const builtProjections = async ({ readModels }: Stores): Promise<string | null> => {
  const rows = new ReadModels(readModels);
  const built = await Promise.all(projections.map((definition) => rows.isBuilt(definition)));
  const lacking = projections.filter((_, index) => !built[index]).map(({ name }) => name);
  return lacking.length === 0 ? null : `not built yet: ${lacking.join(', ')}`;
};

const domainOf = (from: string): string => /@([^\s<>@]+)>?$/.exec(from)?.[1] ?? 'localhost';

const watched = (metrics: Metrics, log: Log, settling: Settling | null): SubscriptionListener => ({
  applied: (sink, events) => {
    settling?.heard(
      sink,
      events.map(({ id }) => id),
    );
    metrics.applied.inc({ sink }, events.length);
  },
  parked: (sink, { id, type, stream, revision, fault }) => {
    settling?.heard(sink, [id]);
    metrics.parked.inc({ sink });
    log.error({ sink, event: id, type, stream, revision, fault }, 'an event was parked; it needs a person');
  },
  failed: (sink, err) => {
    metrics.subscriptionFailures.inc({ sink });
    log.warn({ sink, err }, 'a subscription begins again');
  },
});

const openPki = ({ secrets, vault }: Stores, { config, clock, log, pfxMaker = {} }: Surroundings): Promise<Pki> =>
  Pki.open({
    config: config.pki,
    database: secrets,
    vault,
    clock,
    onFault: (err) => log.error({ err }, 'a status answer could not be made'),
    pfxMaker,
  });

const liveReadsOf = (reads: ReadModels, { sessions, tokens }: Stores, { streamHeartbeatMs }: Config): LiveReads =>
  new LiveReads(reads, (kind, theirs) => (kind === 'session' ? sessions : tokens).alive(theirs), {
    ...STREAMS,
    heartbeatMs: streamHeartbeatMs,
  });

type Parts = Readonly<{
  config: Config;
  stores: Stores;
  pki: Pki;
  /** Beside the stores; parts add theirs when they start. */
  readiness: Record<string, Check>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  letters: Letters;
  time: MovingTime | null;
  roles: readonly Role[];
  settling: Settling | null;
}>;

const listenerOf = ({ metrics, settling }: Parts): DecisionListener => ({
  conflict: () => metrics.conflicts.inc(),
  decided: (command, result, seconds) => metrics.commandSeconds.observe({ command, result }, seconds),
  began: () => settling?.began(),
  recorded: (events) => settling?.appended(events),
  ended: () => settling?.ended(),
});

const valuesOf = (parts: Parts): Provider[] => {
  const { stores, pki, readiness, config, clock, log, metrics, letters, time } = parts;
  const { events, readModels, secrets, keyring, vault, passwords, links, sessions, tokens, attempts, mailbox } = stores;
  const reads = new ReadModels(readModels);
  const checks = () =>
    carriedOut({
      eventStore: answered(() => events.ping()),
      readModels: answered(() => readModels.ping()),
      secrets: answered(() => secrets.ping()),
      ...readiness,
    });
  return [
    { provide: CLOCK, useValue: clock },
    { provide: LOG, useValue: log },
    { provide: Metrics, useValue: metrics },
    { provide: Keyring, useValue: keyring },
    { provide: Vault, useValue: vault },
    { provide: Pki, useValue: pki },
    { provide: Attempts, useValue: attempts },
    { provide: Passwords, useValue: passwords },
    { provide: OwnPasswords, useValue: new OwnPasswords(passwords, sessions, attempts) },
    { provide: Links, useValue: links },
    { provide: Sessions, useValue: sessions },
    { provide: AccessTokens, useValue: tokens },
    { provide: ParkedEvents, useValue: stores.parkedEvents },
    { provide: OutAtOnce, useValue: new OutAtOnce(sessions, passwords, tokens) },
    { provide: Turns, useValue: new Turns(secrets as never) },
    { provide: ProgramRates, useValue: new ProgramRates(clock, config.tokenRateLimitPerMinute) },
    { provide: Letters, useValue: letters },
    { provide: SentLetters, useValue: new SentLetters(vault, clock) },
    { provide: Mailbox, useValue: mailbox },
    { provide: MovingTime, useValue: time },
    { provide: ReadModels, useValue: reads },
    { provide: LiveReads, useValue: liveReadsOf(reads, stores, config) },
    { provide: Decisions, useValue: decisionsOf(parts) },
    { provide: Readiness, useValue: { checks } },
    { provide: RefusedOperations, useClass: RefusedOperationsHistory },
  ];
};

/** One command path per process, by the operator's calendar. */
const decisionsOf = (parts: Parts): Decisions => {
  const { stores, clock, config } = parts;
  return new Decisions(stores.events, clock, listenerOf(parts), businessCalendar(config.businessDays));
};

const apiControllers = ({ stores, time }: Parts): Type[] => [
  StaffSessionController,
  StaffController,
  ParkedEventsController,
  StaffTokensController,
  PortalTokensController,
  CompanyTokensController,
  PortalBackOfficeController,
  PortalSessionController,
  PortalUsersController,
  PortalCasesController,
  PortalPagesController,
  MaterialsController,
  PartnersBackOfficeController,
  PartnerPagesController,
  PartnerSessionController,
  PartnerRecoveryController,
  PartnerGroupsController,
  PartnerMembersController,
  OperationHistoryController,
  ...ticketOrderControllers,
  ...applicationControllers,
  ...certificateControllers,
  NotificationsController,
  ...(stores.mailbox ? [MailboxController, MailboxPagesController] : []),
  ...(time ? [DemoClockController] : []),
];

const moduleOf = (parts: Parts): object => {
  @Module({
    imports: [CqrsModule.forRoot()],
    controllers: [HealthController, ...(parts.roles.includes('api') ? apiControllers(parts) : [])],
    providers: [
      ...valuesOf(parts),
      Commands,
      SessionGuard,
      FirstAnswer,
      LiveAnswer,
      ProblemFilter,
      TokenDesk,
      ...certificateProviders,
      ...applicationProviders(parts.stores, parts.config),
      HistoryReads,
      ...auditHandlers,
      ...identityHandlers,
      ...operationsHandlers,
      ...clientPortalHandlers,
      ...partnersHandlers,
      ...ticketOrderProviders(parts.config),
      ...notificationHandlers,
    ],
  })
  class ServiceModule {}
  return ServiceModule;
};
