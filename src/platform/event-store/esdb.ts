import {
  type AllStreamResolvedEvent,
  END,
  ErrorType,
  EventStoreDBClient,
  eventTypeFilter,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  type RecordedEvent,
  START,
  type JSONType,
} from '@eventstore/db-client';
import type { Codec } from './codec.js';
import {
  type Delivered,
  type EventFeed,
  EventStore,
  EventStoreUnavailable,
  WrongExpectedRevision,
} from './event-store.js';
import type { Metadata, NewEvent, Position, Recorded } from './recorded.js';

const APPEND_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 1_000;
const APPEND_ATTEMPTS_MAX = 3;
const GRPC_UNAVAILABLE = 14;

const typeOf = (error: unknown): unknown => (error as { type?: unknown } | null)?.type;

/** A node that is down rejects now with the client's own error, now with a bare gRPC code. */
const isUnavailable = (error: unknown): boolean =>
  [
    ErrorType.UNAVAILABLE,
    ErrorType.TIMEOUT,
    ErrorType.DEADLINE_EXCEEDED,
    ErrorType.CANCELLED,
    ErrorType.NOT_LEADER,
  ].some((type) => type === typeOf(error)) || (error as { code?: unknown } | null)?.code === GRPC_UNAVAILABLE;

const translated = (error: unknown): unknown => {
  if (typeOf(error) === ErrorType.WRONG_EXPECTED_VERSION) return new WrongExpectedRevision((error as Error).message);
  return isUnavailable(error) ? new EventStoreUnavailable((error as Error).message, { cause: error }) : error;
};

/** BatchAppend has no deadline in this client: without our own, a silent node would hold the request for ever. */
const within = async <T>(work: Promise<T>, timeoutMs: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new EventStoreUnavailable(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const positionText = ({ commit, prepare }: { commit: bigint; prepare: bigint }): Position => `${commit}/${prepare}`;
const positionOf = (text: Position) => {
  const [commit, prepare] = text.split('/');
  return { commit: BigInt(commit!), prepare: BigInt(prepare!) };
};

export class EsdbEventStore extends EventStore {
  private readonly client: EventStoreDBClient;

  constructor(
    connectionString: string,
    private readonly codec: Codec,
    private readonly limits = { appendTimeoutMs: APPEND_TIMEOUT_MS },
  ) {
    super();
    this.client = EventStoreDBClient.connectionString(connectionString);
  }

  async read(stream: string, fromRevision = 0): Promise<readonly Recorded[]> {
    const delivered: Delivered[] = [];
    try {
      const fromStart = fromRevision === 0 ? START : BigInt(fromRevision);
      // Always to the end: a read that is left early keeps the client from ever closing.
      for await (const { event } of this.client.readStream(stream, { fromRevision: fromStart, direction: FORWARDS })) {
        if (event) delivered.push(this.delivered(event));
      }
    } catch (error) {
      if (typeOf(error) === ErrorType.STREAM_NOT_FOUND) return [];
      throw translated(error);
    }
    return delivered.map(({ recorded, fault }) => {
      // A stream that cannot be read in full must decide nothing.
      if (fault) throw new Error(`${stream}@${fault.revision}: ${fault.fault}`);
      return recorded;
    });
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<number> {
    for (const event of events) this.codec.assertKnown(event);
    const data = events.map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data: data as JSONType, metadata: metadata }),
    );
    const expectedRevision = expected < 0 ? NO_STREAM : BigInt(expected);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const append = this.client.appendToStream(stream, data, { expectedRevision });
        const { nextExpectedRevision } = await within(append, this.limits.appendTimeoutMs);
        return Number(nextExpectedRevision);
      } catch (error) {
        const known = translated(error);
        // The same ids at the same place: if the lost answer was a success, the store says so again.
        if (!(known instanceof EventStoreUnavailable) || attempt === APPEND_ATTEMPTS_MAX) throw known;
      }
    }
  }

  feed(after: Position | null, typePrefixes: readonly string[]): EventFeed {
    const subscription = this.client.subscribeToAll({
      fromPosition: after === null ? START : positionOf(after),
      filter: eventTypeFilter({ prefixes: [...typePrefixes] }),
    });
    let stopped = false;
    const delivered = (event: RecordedEvent) => this.delivered(event);
    async function* events(): AsyncGenerator<Delivered> {
      try {
        for await (const { event } of subscription as AsyncIterable<AllStreamResolvedEvent>) {
          if (event) yield delivered(event);
        }
      } catch (error) {
        if (!stopped) throw translated(error);
      }
    }
    return {
      events: events(),
      onCaughtUp: (listener) => void subscription.on('caughtUp', listener),
      stop: async () => {
        stopped = true;
        await subscription.unsubscribe();
        // Cancelling the call does not end the stream that the loop waits on.
        subscription.destroy();
      },
    };
  }

  async close(): Promise<void> {
    // A call that never got an answer never ends either; the process must not wait for it.
    await within(this.client.dispose(), CLOSE_TIMEOUT_MS).catch(() => undefined);
  }

  /** For readiness: any answer will do, but it must come from the store. */
  override async ping(): Promise<void> {
    const read = async () => {
      for await (const _ of this.client.readAll({ direction: 'backwards', fromPosition: END, maxCount: 1 }));
    };
    await within(read(), 1_000);
  }

  private delivered(event: RecordedEvent): Delivered {
    const { id, type, streamId: stream, position, data, metadata } = event;
    const at = { id, stream, revision: Number(event.revision), position: position ? positionText(position) : '' };
    const fault = this.codec.faultOf(type, data);
    if (fault !== null) return { fault: { ...at, type, fault } };
    return { recorded: { ...at, type, data, metadata: metadata as unknown as Metadata } };
  }
}
