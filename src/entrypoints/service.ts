import 'reflect-metadata';
import { Module, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { clientPortal } from '../../projections/client-portal/projection.js';
import { operationHistory } from '../../projections/operation-history/projection.js';
import { OperationHistoryController } from '../contexts/audit/http.js';
import { PortalBackOfficeController } from '../contexts/client-portal/back-office.http.js';
import { PortalCasesController } from '../contexts/client-portal/cases.http.js';
import { clientPortalHandlers } from '../contexts/client-portal/commands.js';
import { portalConsequences } from '../contexts/client-portal/consequences.js';
import { MaterialsController } from '../contexts/client-portal/materials.http.js';
import { PortalPagesController } from '../contexts/client-portal/pages.http.js';
import { PortalSessionController } from '../contexts/client-portal/session.http.js';
import { PortalUsersController } from '../contexts/client-portal/users.http.js';
import { identityHandlers, RefusedOperationsHistory } from '../contexts/identity/commands.js';
import { StaffSessionController } from '../contexts/identity/http.js';
import { CLOCK, type Clock } from '../kernel/clock.js';
import type { PfxMakerOptions } from '../pki/pkcs12/pfx-maker.js';
import { Attempts } from '../platform/access/attempts.js';
import { Passwords } from '../platform/access/passwords.js';
import { Sessions } from '../platform/access/sessions.js';
import { Commands } from '../platform/commands/decided-by.js';
import { type DecisionListener, Decisions } from '../platform/commands/decisions.js';
import type { Config } from '../platform/config/config.js';
import type { EventStore } from '../platform/event-store/event-store.js';
import { httpApp } from '../platform/http/app.js';
import { FirstAnswer } from '../platform/http/first-answer.js';
import { HealthController, Readiness } from '../platform/http/health.js';
import { PKI_PREFIX, publicPki } from '../platform/http/public-pki.js';
import { ProblemFilter, RefusedOperations } from '../platform/http/problem-filter.js';
import { SessionGuard } from '../platform/http/session-guard.js';
import { HolderKeys } from '../platform/pki/holder-keys.js';
import { Pki } from '../platform/pki/pki.js';
import { Projector } from '../platform/projections/projector.js';
import { ReadModels } from '../platform/projections/read-models.js';
import { Subscription, type SubscriptionListener } from '../platform/subscriptions/subscription.js';
import { LOG, type Log } from '../platform/telemetry/log.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { Keyring } from '../platform/vault/keyring.js';
import { Vault } from '../platform/vault/vault.js';
import { firstStaff } from './first-staff.js';
import { openStores, type Stores } from './stores.js';

export const projections = [clientPortal, operationHistory];

export type Service = Readonly<{
  app: NestFastifyApplication;
  projector: Projector;
  events: EventStore;
  /** Shown once, where the first start made it. */
  firstCredential: Readonly<{ loginId: string; password: string }> | null;
  stop: () => Promise<void>;
}>;

export type Surroundings = Readonly<{
  config: Config;
  eventStoreUrl: string;
  clock: Clock;
  log: Log;
  /** Where the worker for `.pfx` files lies when the service runs from its sources. */
  pfxMaker?: PfxMakerOptions;
}>;

export const startService = async (surroundings: Surroundings): Promise<Service> => {
  const { config, eventStoreUrl, clock, log } = surroundings;
  const metrics = new Metrics();
  const stores = await openStores(config, eventStoreUrl, clock);
  const projector = new Projector(stores.events, stores.readModels, projections, clock, watched(metrics, log));
  await projector.start();
  const { checkpoints, sessions, passwords } = stores;
  const portal = portalConsequences(checkpoints, sessions, passwords);
  const consequences = new Subscription(stores.events, portal, watched(metrics, log));
  consequences.start();
  const pki = await openPki(stores, surroundings);
  const app = await httpApp(moduleOf(stores, pki, projector, clock, log, metrics), config, log, [
    { prefix: PKI_PREFIX, routes: publicPki(pki, clock) },
  ]);
  const firstCredential = await firstStaff(app.get(Commands), app.get(Decisions), stores.passwords);
  const stop = async () => {
    // No new requests, the running ones to their end, then what they stood on.
    await app.close();
    await consequences.stop();
    await projector.stop();
    await pki.close();
    await stores.close();
  };
  return { app, projector, events: stores.events, firstCredential, stop };
};

const watched = (metrics: Metrics, log: Log): SubscriptionListener => ({
  applied: (sink, { metadata }, count) => {
    metrics.applied.inc({ sink }, count);
    metrics.lagSeconds.set({ sink }, Math.max(0, (Date.now() - Date.parse(metadata.occurredAt)) / 1000));
  },
  parked: (sink, { id, type, stream, revision, fault }) => {
    metrics.parked.inc({ sink });
    log.error({ sink, event: id, type, stream, revision, fault }, 'an event was parked; it needs a person');
  },
  failed: (sink, err) => {
    metrics.subscriptionFailures.inc({ sink });
    log.warn({ sink, err }, 'a subscription begins again');
  },
});

const answered = async (ask: () => Promise<unknown>): Promise<string | null> => {
  try {
    await ask();
    return null;
  } catch {
    return 'does not answer';
  }
};

const openPki = ({ secrets, vault }: Stores, { config, clock, log, pfxMaker = {} }: Surroundings): Promise<Pki> =>
  Pki.open({
    config: config.pki,
    database: secrets,
    vault,
    clock,
    onFault: (err) => log.error({ err }, 'a status answer could not be made'),
    pfxMaker,
  });

const moduleOf = (stores: Stores, pki: Pki, projector: Projector, clock: Clock, log: Log, metrics: Metrics): object => {
  const { events, readModels, secrets, keyring, vault, passwords, sessions, attempts } = stores;
  const checks = async () => ({
    eventStore: await answered(() => events.ping()),
    readModels: await answered(() => readModels.ping()),
    secrets: await answered(() => secrets.ping()),
    projections: projector.caughtUp ? null : 'catching up',
  });
  const listener: DecisionListener = {
    conflict: () => metrics.conflicts.inc(),
    decided: (command, result, seconds) => metrics.commandSeconds.observe({ command, result }, seconds),
  };
  const values: Provider[] = [
    { provide: CLOCK, useValue: clock },
    { provide: LOG, useValue: log },
    { provide: Metrics, useValue: metrics },
    { provide: Keyring, useValue: keyring },
    { provide: Vault, useValue: vault },
    { provide: Pki, useValue: pki },
    { provide: Attempts, useValue: attempts },
    { provide: Passwords, useValue: passwords },
    { provide: Sessions, useValue: sessions },
    { provide: ReadModels, useValue: new ReadModels(readModels) },
    { provide: Decisions, useValue: new Decisions(events, clock, listener) },
    { provide: Readiness, useValue: { checks } },
    { provide: RefusedOperations, useClass: RefusedOperationsHistory },
  ];

  @Module({
    imports: [CqrsModule.forRoot()],
    controllers: [
      HealthController,
      StaffSessionController,
      PortalBackOfficeController,
      PortalSessionController,
      PortalUsersController,
      PortalCasesController,
      PortalPagesController,
      MaterialsController,
      OperationHistoryController,
    ],
    providers: [
      ...values,
      Commands,
      SessionGuard,
      FirstAnswer,
      ProblemFilter,
      HolderKeys,
      ...identityHandlers,
      ...clientPortalHandlers,
    ],
  })
  class ServiceModule {}
  return ServiceModule;
};
