import { Worker } from 'node:worker_threads';
import type { Undecodable } from '../platform/event-store/event-store.js';
import type { DatabaseTarget } from '../platform/sql/database.js';
import type { SubscriptionListener } from '../platform/subscriptions/subscription.js';
import type { Keeper } from './keeper.js';

/** What the thread is given when it starts. */
export type ThreadSettings = Readonly<{ readModels: DatabaseTarget; eventStoreUrl: string }>;

type Duty = 'start' | 'stop' | 'isCaughtUp' | 'rebuild' | 'close';
export type Asked = Readonly<{ id: number; duty: Duty; name: string }>;
/** An error's class does not come through; its name and what tells operators of it do. */
export type Fault = Readonly<{ name: string; message: string; stack?: string; code?: unknown; errcode?: unknown }>;
export type Told =
  | Readonly<{ id: number; answer: unknown; fault: Fault | null }>
  | Readonly<{ applied: string; eventIds: readonly string[] }>
  | Readonly<{ parked: string; poison: Undecodable }>
  | Readonly<{ failed: string; fault: Fault }>;

type Waiting = Readonly<{ resolve: (answer: never) => void; reject: (error: Error) => void }>;

const errorOf = ({ message, ...rest }: Fault): Error => Object.assign(new Error(message), rest);

/**
 * Keeps the read models in a thread of its own: what many events cost, a rebuild, and the moments in which the database waits
 * for the disk hold up nobody who is being answered (0062). `entry` is `projector-thread.js`.
 */
export const keeperInThread = (entry: URL, settings: ThreadSettings, listener: SubscriptionListener): Keeper => {
  const worker = new Worker(entry, { workerData: settings });
  const waiting = new Map<number, Waiting>();
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined);
  let asked = 0;
  let closing = false;
  let over: Error | null = null;
  const end = (error: Error): void => {
    over ??= error;
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
    if (closing) resolve();
    else reject(over);
  };
  worker.once('error', (error) => end(error as Error));
  worker.once('exit', () => end(new Error('the thread that keeps the read models has ended')));
  worker.on('message', (told: Told) => {
    if ('applied' in told) return listener.applied(told.applied, told.eventIds);
    if ('parked' in told) return listener.parked(told.parked, told.poison);
    if ('failed' in told) return listener.failed(told.failed, errorOf(told.fault));
    const whoAsked = waiting.get(told.id);
    waiting.delete(told.id);
    if (told.fault) whoAsked?.reject(errorOf(told.fault));
    else whoAsked?.resolve(told.answer as never);
  });
  const ask = <T>(duty: Duty, name = ''): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (over) return reject(over);
      asked += 1;
      waiting.set(asked, { resolve, reject });
      worker.postMessage({ id: asked, duty, name } satisfies Asked);
    });
  return {
    start: () => ask('start'),
    // What is dead does nothing any more.
    stop: () => (over ? Promise.resolve() : ask('stop')),
    isCaughtUp: () => ask('isCaughtUp'),
    rebuild: (name) => ask('rebuild', name),
    ended,
    close: async () => {
      closing = true;
      if (!over) await ask('close').catch(() => undefined);
      await worker.terminate();
    },
  };
};
