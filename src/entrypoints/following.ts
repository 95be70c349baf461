import { Lease } from '../platform/sql/lease.js';
import type { Subscription } from '../platform/subscriptions/subscription.js';
import type { Metrics } from '../platform/telemetry/metrics.js';
import type { Keeper } from './keeper.js';
import type { Stores } from './stores.js';

const FIRST_TRY_MS = 2_000;

export type Following = Readonly<{
  /** False while another process does the work and this one stands by to take it over. */
  atWork: () => boolean;
  /** Rejects when the work cannot be done by this process, whatever comes. */
  ended: Promise<void>;
  stop: () => Promise<void>;
}>;

/** Read models and reactions: of several processes one does the work. */
export const startFollowing = async (
  { readModels }: Stores,
  metrics: Metrics,
  keeper: Keeper,
  followers: readonly Subscription[],
): Promise<Following> => {
  const lease = new Lease(readModels, 'projector', {
    begin: async () => {
      await keeper.start();
      for (const follower of followers) follower.start();
    },
    end: async () => {
      await Promise.all(followers.map((follower) => follower.stop()));
      await keeper.stop();
    },
  });
  const { promise: ended, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined);
  const beginning = lease.take();
  lease.ended.catch(reject);
  keeper.ended.catch(reject);
  metrics.watchLease(() => lease.held);
  // Where nobody else is at work this is at once; where somebody is, there is nothing to wait for.
  await Promise.race([beginning, new Promise((resolve) => setTimeout(resolve, FIRST_TRY_MS).unref())]);
  return { atWork: () => lease.held, ended, stop: () => lease.release() };
};
