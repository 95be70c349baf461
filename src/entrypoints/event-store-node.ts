import { join } from 'node:path';
import { startEventStore } from '@shomei/embedded-event-store';
import type { Config } from '../platform/config/config.js';

export type EventStoreNode = Readonly<{
  connectionString: string;
  embedded: boolean;
  /** Rejects when an embedded node died by itself. */
  ended: Promise<void>;
  stop: () => Promise<void>;
}>;

/** The event store that the configuration names, or a node of our own in the data folder. */
export const eventStoreOf = async ({ eventStoreUrl, dataDir }: Config): Promise<EventStoreNode> => {
  if (eventStoreUrl !== null)
    return {
      connectionString: eventStoreUrl,
      embedded: false,
      ended: new Promise<void>(() => undefined),
      stop: () => Promise.resolve(),
    };
  const node = await startEventStore({ dataDir: join(dataDir, 'event-store') });
  return { connectionString: node.connectionString, embedded: true, ended: node.ended, stop: () => node.stop() };
};
