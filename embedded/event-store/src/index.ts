import type { EventStoreOptions, EventStoreReady } from './node.js';
import { startInStep } from './streak.js';

export type { EventStoreOptions } from './node.js';
export { verifyLog, type Verification } from './log/verify.js';

export interface EventStoreNode extends EventStoreReady {
  stop(): Promise<void>;
  /** Rejects when the node died by itself. */
  readonly ended: Promise<void>;
}

/** Starts an EventStoreDB-compatible node outside this event loop, on one folder of this machine. */
export const startEventStore = async (options: EventStoreOptions): Promise<EventStoreNode> => {
  const node = await startInStep<EventStoreOptions, EventStoreReady>(new URL('./worker.js', import.meta.url), options);
  return { ...node.ready, stop: () => node.stop(), ended: node.ended };
};
