import { startInWorker } from '@shomei/embedded-kit';
import { remoteClock } from './clock/remote-clock.js';
import type { NodeOptions, Ready } from './node.js';
import { spanMs } from './protocol/time.js';

export type { Limits } from './limits.js';
export type { SearchAttributeType } from './engine/search-attributes.js';
export type { Ready } from './node.js';

export interface TemporalOptions extends Omit<NodeOptions, 'movableClock' | 'sharedOffset'> {
  /**
   * `real`, the default: time passes by itself and nobody can reach the clock.
   * `movable`: tests and demos advance it, here or by the public TestService calls.
   */
  readonly clock?: 'real' | 'movable';
}

export interface MovableClock {
  /** Moves time forward, stepping through everything that falls due in order, e.g. `advance('3d')`. */
  advance(span: number | string): Promise<Date>;
  /**
   * Goes to the next deadline, but not past `until`: for a host with work of its own between two of them. With
   * `afresh` it waits again for tasks that an earlier wait gave up, as when there was no worker then.
   */
  step(until: Date, afresh?: boolean): Promise<Date>;
  now(): Promise<Date>;
}

export interface Temporal {
  readonly address: string;
  readonly ready: Ready;
  /** Only when asked for at start. */
  readonly clock: MovableClock | undefined;
  /** The node's own time, without asking it: the machine's, or ahead of it where the clock was ever moved. */
  nowMs(): number;
  stop(): Promise<void>;
  /** Rejects when the node died by itself, as it does rather than run ahead of its disk. */
  readonly ended: Promise<void>;
}

/** Runs a node in a thread of its own, so that it never waits for the caller's event loop nor delays it. */
export async function startTemporal({ clock = 'real', ...options }: TemporalOptions): Promise<Temporal> {
  const channel = clock === 'movable' ? `embedded-temporal-clock-${crypto.randomUUID()}` : undefined;
  const sharedOffset = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  const offset = new Float64Array(sharedOffset);
  const node = await startInWorker<NodeOptions & { clockChannel?: string }, Ready>(
    new URL('./worker.js', import.meta.url),
    { ...options, movableClock: clock === 'movable', sharedOffset, ...(channel ? { clockChannel: channel } : {}) },
  );
  const remote = channel ? remoteClock(channel) : undefined;
  void node.ended.catch(() => undefined).then(() => remote?.close());
  return {
    address: node.ready.address,
    ready: node.ready,
    clock: remote && {
      advance: async (span) => new Date(await remote.advance(spanMs(span))),
      step: async (until, afresh = false) => new Date(await remote.step(until.getTime(), afresh)),
      now: async () => new Date(await remote.advance(0)),
    },
    nowMs: () => Date.now() + offset[0]!,
    stop: () => node.stop(),
    ended: node.ended,
  };
}
