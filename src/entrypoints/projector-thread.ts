import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../kernel/clock.js';
import { codecOf } from '../platform/event-store/codec.js';
import { EsdbEventStore } from '../platform/event-store/esdb.js';
import type { AnyTables } from '../platform/projections/definition.js';
import { Projector } from '../platform/projections/projector.js';
import { openDatabase } from '../platform/sql/database.js';
import { SharedFeed } from '../platform/subscriptions/shared-feed.js';
import { contextsOf, eventDefinitions, eventUpcasters } from './events.js';
import type { Asked, Fault, ThreadSettings, Told } from './keeper-thread.js';
import { projections } from './projections.js';

const faultOf = (error: unknown): Fault => {
  const { name, message, stack, code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  return { name, message, ...(stack === undefined ? {} : { stack }), code, errcode };
};

const tell = (told: Told): void => parentPort!.postMessage(told);

const { readModels, eventStoreUrl } = workerData as ThreadSettings;
const database = await openDatabase<AnyTables>(readModels);
const events = new EsdbEventStore(eventStoreUrl, codecOf(eventDefinitions, eventUpcasters));
const feeds = new SharedFeed(events, () => contextsOf(eventDefinitions));
const projector = new Projector(feeds, database, projections, systemClock, {
  applied: (applied, eventIds) => tell({ applied, eventIds }),
  parked: (parked, poison) => tell({ parked, poison }),
  failed: (failed, error) => tell({ failed, fault: faultOf(error) }),
});

const duties: Record<Asked['duty'], (name: string) => unknown> = {
  start: () => projector.start(),
  stop: () => projector.stop(),
  isCaughtUp: () => projector.caughtUp,
  rebuild: (name) => projector.rebuild(name),
  close: async () => {
    await projector.stop();
    await events.close();
    await database.close();
  },
};

parentPort!.on('message', ({ id, duty, name }: Asked) => {
  void new Promise((resolve) => resolve(duties[duty](name))).then(
    (answer) => tell({ id, answer, fault: null }),
    (error: unknown) => tell({ id, answer: null, fault: faultOf(error) }),
  );
});
