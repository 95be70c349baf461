import { type EventFeed, EventStore, WrongExpectedRevision } from '../../src/platform/event-store/event-store.js';
import type { NewEvent, Recorded } from '../../src/platform/event-store/recorded.js';

/** Streams in memory with the store's rules of append, and a place to make them go wrong. */
export class MemoryEventStore extends EventStore {
  readonly streams = new Map<string, Recorded[]>();
  /** Runs before an append; what it throws is what the caller sees. */
  beforeAppend: (stream: string, events: readonly NewEvent[]) => void | Promise<void> = () => undefined;
  reads = 0;

  read(stream: string, fromRevision = 0): Promise<readonly Recorded[]> {
    this.reads += 1;
    return Promise.resolve((this.streams.get(stream) ?? []).slice(fromRevision));
  }

  async look(stream: string) {
    return (await this.read(stream)).map((recorded) => ({ recorded }));
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<number> {
    await this.beforeAppend(stream, events);
    const history = this.streams.get(stream) ?? [];
    const there = history.slice(expected + 1, expected + 1 + events.length);
    const repeated = there.length === events.length && there.every(({ id }, index) => id === events[index]!.id);
    if (!repeated && history.length - 1 !== expected) throw new WrongExpectedRevision(`${stream}: not at ${expected}`);
    if (repeated) return expected + events.length;
    const recorded = events.map((event, index) => ({ ...event, stream, revision: expected + 1 + index, position: '' }));
    this.streams.set(stream, [...history, ...recorded]);
    return expected + events.length;
  }

  feed(): EventFeed {
    throw new Error('the memory store feeds nobody');
  }
  newest = () => Promise.resolve(null);
  ping = () => Promise.resolve();
  close = () => Promise.resolve();
}
