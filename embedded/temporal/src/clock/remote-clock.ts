import { BroadcastChannel } from 'node:worker_threads';
import type { TimeControl } from './time-control.js';

type Move = { readonly byMs: number } | { readonly stepUntilMs: number; readonly afresh: boolean };
type Request = { readonly id: number } & Move;
type Advanced = { readonly id: number; readonly nowMs: number } | { readonly id: number; readonly error: string };

/** The clock of a node in another thread of this process. */
export function remoteClock(channelName: string) {
  const channel = new BroadcastChannel(channelName);
  const waiting = new Map<number, { resolve(nowMs: number): void; reject(error: Error): void }>();
  let lastId = 0;
  channel.onmessage = (event: unknown) => {
    const answer = (event as { data: Advanced }).data;
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) channel.unref();
    if ('error' in answer) waiter?.reject(new Error(answer.error));
    else waiter?.resolve(answer.nowMs);
  };
  channel.unref();
  const ask = (request: Move): Promise<number> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      channel.ref();
      channel.postMessage({ id, ...request } satisfies Request);
    });
  return {
    advance: (byMs: number) => ask({ byMs }),
    step: (stepUntilMs: number, afresh: boolean) => ask({ stepUntilMs, afresh }),
    close: (): void => {
      for (const waiter of waiting.values()) waiter.reject(new Error('the node has ended'));
      channel.close();
    },
  };
}

/** The node's end of the channel. */
export function serveClock<T>(channelName: string, time: TimeControl<T>): void {
  const channel = new BroadcastChannel(channelName);
  channel.unref();
  channel.onmessage = (event: unknown) => {
    const { id, ...request } = (event as { data: Request }).data;
    const moved = async () =>
      'byMs' in request ? time.advance(request.byMs) : time.step(request.stepUntilMs, request.afresh);
    moved().then(
      (nowMs) => channel.postMessage({ id, nowMs } satisfies Advanced),
      (error: unknown) => channel.postMessage({ id, error: String(error) } satisfies Advanced),
    );
  };
}
