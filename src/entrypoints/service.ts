import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Commands } from '../platform/commands/decided-by.js';
import { Decisions } from '../platform/commands/decisions.js';
import type { EventStore } from '../platform/event-store/event-store.js';
import { type Beside, httpApp } from '../platform/http/app.js';
import { PKI_PREFIX, publicPki } from '../platform/http/public-pki.js';
import { statusFront } from '../platform/http/status-front.js';
import { Letters } from '../platform/mail/letters.js';
import type { Mailbox } from '../platform/mail/mailbox.js';
import { unitPricesYen } from '../contexts/tickets/prices.decider.js';
import { Pki } from '../platform/pki/pki.js';
import { Projector } from '../platform/projections/projector.js';
import { oneAtATime } from '../platform/sql/one-at-a-time.js';
import { SharedFeed } from '../platform/subscriptions/shared-feed.js';
import { Settling } from '../platform/subscriptions/settling.js';
import { type Sink, Subscription, type SubscriptionListener } from '../platform/subscriptions/subscription.js';
import type { Log } from '../platform/telemetry/log.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { MovingTime } from '../platform/time/moving-time.js';
import { contextsOf, eventDefinitions } from './events.js';
import { firstStaff } from './first-staff.js';
import { type Keeper, keeperHere } from './keeper.js';
import { keeperInThread } from './keeper-thread.js';
import type { Check } from './readiness.js';
import { mailTemplatesOf } from './processes.js';
import { EVERY_ROLE } from './roles.js';
import { openStores, type Stores } from './stores.js';
import { moduleOf } from './service-module.js';
import type { Parts, Surroundings } from './parts.js';
import { projections } from './projections.js';
import { builtProjections, startRoles } from './roles-at-work.js';

export type Service = Readonly<{
  app: NestFastifyApplication;
  projector: Keeper;
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

export const startService = async (surroundings: Surroundings): Promise<Service> => {
  const { config, eventStoreUrl, clock, movable, log, roles = EVERY_ROLE, moreMails = [] } = surroundings;
  if (config.mail.isMailboxExposed)
    log.warn('DEVELOPMENT_MAILBOX: who reaches /mailbox, by a proxy or tunnel too, reads links that open accounts');
  const metrics = new Metrics();
  const settling = new Settling();
  const stores = await openStores(config, eventStoreUrl, clock);
  const heard = watched(metrics, log, movable ? settling : null);
  const { keeper, subscriptionOf } = hearing(stores, surroundings, settling, heard);
  const time = movable && new MovingTime(clock, movable, settling);
  const letters = new Letters(
    [...mailTemplatesOf(stores, config), ...moreMails],
    stores.links,
    stores.passwords,
    config.publicUrl,
  );
  // Two processes at their first start must not both make the authorities.
  const pki = await oneAtATime(stores.secrets as never, () => openPki(stores, surroundings, metrics));
  const readiness: Record<string, Check> = { projections: () => builtProjections(stores) };
  const shared = { config, stores, pki, readiness, clock, log, metrics, letters, time };
  const parts = { ...shared, roles, settling: movable ? settling : null };
  const app = await httpApp(moduleOf(parts), config, log, roles.includes('api') ? [publicPkiOf(parts)] : []);
  const firstCredential = roles.includes('api')
    ? await firstStaff(app.get(Commands), app.get(Decisions), stores.passwords)
    : null;
  const running = await startRoles({ app, surroundings, parts, keeper, subscriptionOf });
  const stop = async () => {
    // No new requests, the running ones to their end, then what they stood on.
    await app.close();
    await running.stop();
    await keeper.close();
    await pki.close();
    await stores.close();
  };
  const { events, mailbox } = stores;
  return { app, projector: keeper, events, mailbox, time, firstCredential, ended: running.ended, stop };
};

/** Who keeps the read models, and how everybody else hears of what is recorded. */
const hearing = (
  { events, readModels }: Stores,
  { config, eventStoreUrl, clock, projectorThread }: Surroundings,
  settling: Settling,
  heard: SubscriptionListener,
): Readonly<{ keeper: Keeper; subscriptionOf: (sink: Sink) => Subscription }> => {
  for (const { name, typePrefixes } of projections) settling.follow({ name, typePrefixes });
  const others: Sink[] = [];
  // The thread has a feed of its own; most events concern the read models alone and then never come here.
  const wanted = () => others.flatMap(({ typePrefixes }) => typePrefixes);
  const feeds = new SharedFeed(events, projectorThread ? wanted : () => contextsOf(eventDefinitions));
  const subscriptionOf = (sink: Sink): Subscription => {
    others.push(sink);
    return new Subscription(feeds, settling.follow(sink), heard);
  };
  const keeper = projectorThread
    ? keeperInThread(projectorThread, { readModels: config.readModels, eventStoreUrl }, heard)
    : keeperHere(new Projector(feeds, readModels, projections, clock, heard));
  return { keeper, subscriptionOf };
};

const publicPkiOf = ({ pki, clock, config }: Parts): Beside => ({
  prefix: PKI_PREFIX,
  routes: publicPki(pki, clock, config.rateLimitPerMinute),
  front: statusFront(PKI_PREFIX, pki, clock, config),
});

const watched = (metrics: Metrics, log: Log, settling: Settling | null): SubscriptionListener => ({
  applied: (sink, eventIds) => {
    settling?.heard(sink, eventIds);
    metrics.applied.inc({ sink }, eventIds.length);
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

const openPki = async (
  { secrets, vault }: Stores,
  { config, clock, log, pfxMaker = {} }: Surroundings,
  metrics: Metrics,
): Promise<Pki> => {
  const pki = await Pki.open({
    config: config.pki,
    database: secrets,
    vault,
    clock,
    onFault: (err) => log.error({ err }, 'a status answer could not be made'),
    onTryLater: (authority) => metrics.statusTryLater.inc({ authority }),
    pfxMaker,
  });
  metrics.watchAuthorities(pki.authorities.all, () => clock.now());
  const lost = Object.keys(unitPricesYen(clock.now()))
    .map(Number)
    .filter((years) => !pki.authorities.isLastingFor(years, clock.now()));
  if (lost.length > 0)
    log.warn(
      { years: lost },
      'the issuing authority ends too early: certificates of these terms cannot be issued any more',
    );
  return pki;
};
