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
const READ_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** The client's own default. */
const KEEP_ALIVE_MS = 10_000;
const PING_TIMEOUT_MS = 1_000;
/** Often enough to leave a dead connection soon, too seldom to tear down a node's work that is only slow. */
const RENEW_PAUSE_MS = 2_000;
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
const within = <T>(work: Promise<T>, timeoutMs: number): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const late = () => reject(new EventStoreUnavailable(`no answer within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    work.then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      (error: Error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });

/**
 * The client's gRPC shares one connection among all channels with the same options, so a new client would go on with the
 * connection that hangs. A keep-alive that differs by a millisecond is another option.
 */
const withOwnConnection = (connectionString: string, renewals: number): string => {
  const [address, query = ''] = connectionString.split('?', 2);
  const options = new URLSearchParams(query);
  const name = [...options.keys()].find((key) => key.toLowerCase() === 'keepaliveinterval') ?? 'keepAliveInterval';
  const given = Number(options.get(name) ?? KEEP_ALIVE_MS);
  if (given >= 0) options.set(name, String(given + (renewals % 1_000)));
  return `${address}?${options.toString()}`;
};

/** A call that never got an answer never ends either; nobody must wait for it. */
const disposed = (client: EventStoreDBClient): Promise<void> =>
  within(client.dispose(), CLOSE_TIMEOUT_MS).catch(() => undefined);

const utf8 = new TextEncoder();

const positionText = ({ commit, prepare }: { commit: bigint; prepare: bigint }): Position => `${commit}/${prepare}`;
const positionOf = (text: Position) => {
  const [commit, prepare] = text.split('/');
  return { commit: BigInt(commit!), prepare: BigInt(prepare!) };
};

export class EsdbEventStore extends EventStore {
  private client: EventStoreDBClient;
  private renewedAtMs = -Infinity;
  private renewals = 0;
  private closed = false;

  constructor(
    private readonly connectionString: string,
    private readonly codec: Codec,
    private readonly limits = {
      appendTimeoutMs: APPEND_TIMEOUT_MS,
      readTimeoutMs: READ_TIMEOUT_MS,
      renewPauseMs: RENEW_PAUSE_MS,
    },
  ) {
    super();
    this.client = EventStoreDBClient.connectionString(connectionString);
  }

  async read(stream: string, fromRevision = 0): Promise<readonly Recorded[]> {
    const delivered = await this.with((client) => this.readWith(client, stream, fromRevision));
    return delivered.map(({ recorded, fault }) => {
      // A stream that cannot be read in full must decide nothing.
      if (fault) throw new Error(`${stream}@${fault.revision}: ${fault.fault}`);
      return recorded;
    });
  }

  override look(stream: string): Promise<readonly Delivered[]> {
    return this.with((client) => this.readWith(client, stream, 0));
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<number> {
    for (const event of events) this.codec.assertKnown(event);
    // As bytes: what the client makes of an object it writes in base64 first and reads it again.
    const data = events.map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data: data as JSONType, metadata: utf8.encode(JSON.stringify(metadata)) }),
    );
    const expectedRevision = expected < 0 ? NO_STREAM : BigInt(expected);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.with(async (client) => {
          const append = client.appendToStream(stream, data, { expectedRevision });
          const { nextExpectedRevision } = await within(append, this.limits.appendTimeoutMs);
          return Number(nextExpectedRevision);
        });
      } catch (error) {
        // The same ids at the same place: if the lost answer was a success, the store says so again.
        if (!(error instanceof EventStoreUnavailable) || attempt === APPEND_ATTEMPTS_MAX) throw error;
      }
    }
  }

  private async readWith(client: EventStoreDBClient, stream: string, fromRevision: number): Promise<Delivered[]> {
    const delivered: Delivered[] = [];
    const fromStart = fromRevision === 0 ? START : BigInt(fromRevision);
    const events = client.readStream(stream, { fromRevision: fromStart, direction: FORWARDS })[Symbol.asyncIterator]();
    try {
      // Always to the end: a read that is left early keeps the client from ever closing.
      for (;;) {
        const next = await within(events.next(), this.limits.readTimeoutMs);
        if (next.done) return delivered;
        if (next.value.event) delivered.push(this.delivered(next.value.event));
      }
    } catch (error) {
      if (typeOf(error) === ErrorType.STREAM_NOT_FOUND) return [];
      throw error;
    }
  }

  /**
   * After a node was killed a connection may hang for as long as its keep-alive allows, and everything that is asked on
   * it. A new client has a new connection; what still waited on the old one fails, and is asked again by who needs it.
   */
  private async with<T>(work: (client: EventStoreDBClient) => Promise<T>): Promise<T> {
    const { client } = this;
    try {
      return await work(client);
    } catch (error) {
      const known = translated(error);
      if (known instanceof EventStoreUnavailable) this.leave(client);
      throw known;
    }
  }

  private leave(client: EventStoreDBClient): void {
    if (this.closed || client !== this.client) return;
    if (performance.now() - this.renewedAtMs < this.limits.renewPauseMs) return;
    this.renewedAtMs = performance.now();
    this.renewals += 1;
    this.client = EventStoreDBClient.connectionString(withOwnConnection(this.connectionString, this.renewals));
    void disposed(client);
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
      isDrained: () => subscription.readableLength === 0,
      stop: async () => {
        stopped = true;
        await subscription.unsubscribe();
        // Cancelling the call does not end the stream that the loop waits on.
        subscription.destroy();
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    await disposed(this.client);
  }

  override async newest(): Promise<Position | null> {
    const read = async (client: EventStoreDBClient): Promise<Position | null> => {
      let newest: Position | null = null;
      for await (const { event } of client.readAll({ direction: 'backwards', fromPosition: END, maxCount: 1 }))
        if (event?.position) newest = positionText(event.position);
      return newest;
    };
    return this.with((client) => within(read(client), PING_TIMEOUT_MS));
  }

  /** For readiness: any answer will do, but it must come from the store. */
  override async ping(): Promise<void> {
    await this.newest();
  }

  private delivered(event: RecordedEvent): Delivered {
    const { id, type, streamId: stream, position, data, metadata } = event;
    const at = { id, stream, revision: Number(event.revision), position: position ? positionText(position) : '' };
    const known = metadata as unknown as Metadata | undefined;
    const read = this.codec.read(type, known?.schema ?? 1, data);
    if (read.fault !== null) return { fault: { ...at, type, fault: read.fault, fields: Object.keys(data ?? {}) } };
    return { recorded: { ...at, type, data: read.data as object, metadata: known! } };
  }
}
