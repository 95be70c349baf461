import type * as library from '@eventstore/db-client';
import {
  Refused,
  type AppendChoice,
  type Connection,
  type Expectation,
  type FilterChoice,
  type From,
  type Proposed,
  type ReadChoice,
  type Recorded,
  type Subscription,
} from './vocabulary.js';

type Client = library.EventStoreDBClient;
type Library = Pick<
  typeof library,
  | 'jsonEvent'
  | 'binaryEvent'
  | 'streamNameFilter'
  | 'eventTypeFilter'
  | 'persistentSubscriptionToStreamSettingsFromDefaults'
>;

export interface OfficialClient {
  /** The client's module; both generations offer the same functions. */
  readonly library: Library;
  readonly open: (connectionString: string) => Client;
  /** What the client calls the option for the expected revision. */
  readonly expectation: 'expectedRevision' | 'streamState';
}

const PATIENCE_MS = 10_000;

/** Makes connections that speak through one of the two official clients. */
export const connectThrough =
  ({ library, open, expectation }: OfficialClient) =>
  (connectionString: string): Connection => {
    const client = open(connectionString);
    const { username, password } = new URL(connectionString.replace(/^[a-z+]+:/, 'http:'));
    const eventOf = ({ data, ...rest }: Proposed) =>
      data instanceof Uint8Array
        ? library.binaryEvent({ ...rest, data })
        : library.jsonEvent({ ...rest, data: data as library.JSONType });
    return {
      append: async (stream, events, { expect = 'any', way = 'batch', messageBytes }: AppendChoice = {}) => {
        const options = {
          [expectation]: wordOf(expect),
          ...(way === 'classic' ? { credentials: { username, password } } : {}),
          ...(messageBytes === undefined ? {} : { batchAppendSize: messageBytes }),
        };
        const { nextExpectedRevision, position } = await refusing(
          client.appendToStream(stream, events.map(eventOf), options),
        );
        return { revision: nextExpectedRevision, position: position?.commit ?? -1n };
      },
      readStream: (stream, choice = {}) =>
        refusing(
          collect(client.readStream(stream, { fromRevision: choice.from ?? startOf(choice), ...readOf(choice) })),
        ),
      readAll: (choice = {}) =>
        refusing(
          collect(client.readAll({ fromPosition: positionOf(choice.from ?? startOf(choice)), ...readOf(choice) })),
        ),
      subscribeToStream: (stream, from = 'start') =>
        following(client.subscribeToStream(stream, { fromRevision: from }), []),
      subscribeToAll: (from = 'start', filter) => {
        const checkpoints: bigint[] = [];
        const options = filter === undefined ? {} : { filter: filterOf(library, filter, checkpoints) };
        return following(client.subscribeToAll({ fromPosition: positionOf(from), ...options }), checkpoints);
      },
      metadataOf: async (stream) => (await refusing(client.getStreamMetadata(stream))).metadata,
      setMetadata: (stream, metadata) => refusing(client.setStreamMetadata(stream, metadata as library.StreamMetadata)),
      delete: (stream) => refusing(client.deleteStream(stream)),
      tombstone: (stream) => refusing(client.tombstoneStream(stream)),
      createPersistentSubscription: (stream, group) =>
        refusing(
          client.createPersistentSubscriptionToStream(
            stream,
            group,
            library.persistentSubscriptionToStreamSettingsFromDefaults(),
          ),
        ),
      close: () => client.dispose(),
    };
  };

const wordOf = (expect: Expectation) =>
  expect === 'noStream' ? 'no_stream' : expect === 'streamExists' ? 'stream_exists' : expect;

const startOf = ({ backwards }: ReadChoice): From => (backwards === true ? 'end' : 'start');

const readOf = ({ backwards, count }: ReadChoice) => ({
  direction: backwards === true ? ('backwards' as const) : ('forwards' as const),
  ...(count === undefined ? {} : { maxCount: count }),
});

const positionOf = (from: From) => (typeof from === 'bigint' ? { commit: from, prepare: from } : from);

const filterOf = (
  { streamNameFilter, eventTypeFilter }: Library,
  { on, prefixes, regex, checkpointEvery = 1, window }: FilterChoice,
  checkpoints: bigint[],
) => {
  const filter = on === 'stream' ? streamNameFilter : eventTypeFilter;
  const common = {
    checkpointInterval: checkpointEvery,
    checkpointReached: (_: unknown, { commit }: library.Position) => void checkpoints.push(commit),
    ...(window === undefined ? {} : { maxSearchWindow: window }),
  };
  return regex === undefined ? filter({ ...common, prefixes: [...(prefixes ?? [])] }) : filter({ ...common, regex });
};

const recordedOf = ({ event }: library.ResolvedEvent): Recorded => {
  if (event === undefined) throw new Error('an answer without an event');
  const { streamId, id, type, revision, position, data, metadata, isJson, created } = event;
  return { stream: streamId, id, type, revision, position: position?.commit ?? -1n, data, metadata, isJson, created };
};

const collect = async (answers: AsyncIterable<library.ResolvedEvent>): Promise<Recorded[]> => {
  const events: Recorded[] = [];
  for await (const answer of answers) events.push(recordedOf(answer));
  return events;
};

const following = (
  source: library.AllStreamSubscription | library.StreamSubscription,
  checkpoints: bigint[],
): Subscription => {
  const events: Recorded[] = [];
  const watchers = new Set<() => void>();
  const look = (): void => watchers.forEach((watcher) => watcher());
  let caughtUp = 0;
  let failure: Refused | undefined;
  source.on('data', (answer: library.ResolvedEvent) => {
    events.push(recordedOf(answer));
    look();
  });
  source.on('caughtUp', () => {
    caughtUp += 1;
    look();
  });
  source.on('error', (error: Error) => {
    failure = refusedOf(error);
    look();
  });
  const subscription: Subscription = {
    events,
    checkpoints,
    get caughtUp() {
      return caughtUp;
    },
    get failure() {
      return failure;
    },
    until: (condition) => waitUntil(() => condition(subscription), subscription, watchers),
    stop: async () => {
      source.removeAllListeners('data');
      source.resume();
      await source.unsubscribe();
    },
  };
  return subscription;
};

const waitUntil = (holds: () => boolean, seen: Subscription, watchers: Set<() => void>): Promise<void> =>
  new Promise((resolve, reject) => {
    // Checkpoints come through a callback of the filter, behind the subscription's back: looked at in between.
    const again = setInterval(() => look(), 20);
    const giveUp = setTimeout(() => settle(() => reject(new Error(`waited in vain: ${summaryOf(seen)}`))), PATIENCE_MS);
    const settle = (done: () => void): void => {
      clearInterval(again);
      clearTimeout(giveUp);
      watchers.delete(look);
      done();
    };
    const look = (): void => {
      if (holds()) settle(resolve);
    };
    watchers.add(look);
    look();
  });

const summaryOf = ({ events, checkpoints, caughtUp, failure }: Subscription): string =>
  `${events.length} events, last at ${events.at(-1)?.position}; ${checkpoints.length} checkpoints; ` +
  `caught up ${caughtUp} times; ${failure === undefined ? 'no failure' : failure.message}`;

const refusing = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
  try {
    return await answer;
  } catch (error) {
    throw refusedOf(error as Error);
  }
};

/** Some failures come as bare gRPC errors, past the client's own words. */
const KIND_OF_CODE: Record<number, string> = { 14: 'unavailable', 16: 'access-denied' };

const refusedOf = (error: Error): Refused => {
  const { type, code, actualVersion, actualState = actualVersion } = error as ClientError;
  const actual = actualState === 'no_stream' ? 'noStream' : actualState;
  return new Refused(type ?? KIND_OF_CODE[code ?? 0] ?? error.name, error.message, code, actual);
};

/** What the clients say of a failure; the successor calls the real revision a state. */
interface ClientError {
  readonly type?: string;
  readonly code?: number;
  readonly actualVersion?: bigint | 'no_stream';
  readonly actualState?: bigint | 'no_stream';
}
