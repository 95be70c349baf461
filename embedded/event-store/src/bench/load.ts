import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent, type AppendExpectedRevision } from '@eventstore/db-client';
import { closedLoop, percentile, type Rate } from './measure.js';

/** About 500 bytes of data and metadata, as a business event has. */
const order = { orderId: randomUUID(), note: 'x'.repeat(330), quantity: 1 };
const metadata = { $correlationId: randomUUID(), $causationId: randomUUID() };
export const anEvent = () => jsonEvent({ type: 'OrderPlaced', data: order, metadata });
export const EVENT_BYTES = JSON.stringify(order).length + JSON.stringify(metadata).length;

export const withClient = async <Result>(
  connectionString: string,
  use: (client: EventStoreDBClient) => Promise<Result>,
): Promise<Result> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  try {
    return await use(client);
  } finally {
    await client.dispose();
  }
};

export interface Appender {
  readonly append: (lane: number) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** One event an append, each lane to its own stream with the exact expected revision, as deciders do. */
export const appender = (connectionString: string): Appender => {
  const client = EventStoreDBClient.connectionString(connectionString);
  const run = randomUUID();
  const expected = new Map<number, AppendExpectedRevision>();
  return {
    append: async (lane) => {
      const options = { expectedRevision: expected.get(lane) ?? 'no_stream' } as const;
      const { nextExpectedRevision } = await client.appendToStream(`order-${run}-${lane}`, anEvent(), options);
      expected.set(lane, nextExpectedRevision);
    },
    dispose: () => client.dispose(),
  };
};

export const appendRate = async (connectionString: string, concurrency: number, seconds: number): Promise<Rate> => {
  const { append, dispose } = appender(connectionString);
  try {
    await closedLoop(concurrency, 0.5, append); // warm: compiled code, open connection
    return await closedLoop(concurrency, seconds, append);
  } finally {
    await dispose();
  }
};

export const fill = (connectionString: string, events: number): Promise<void> =>
  withClient(connectionString, async (client) => {
    const perAppend = 100;
    for (let done = 0; done < events; done += perAppend * 8) {
      await Promise.all(
        Array.from({ length: 8 }, (_, lane) =>
          client.appendToStream(`filled-${lane}`, Array.from({ length: perAppend }, anEvent)),
        ),
      );
    }
  });

export interface ReadRate {
  readonly perSecond: number;
  /** What the client's thread could take if nothing else were waited for: the limit of any server. */
  readonly clientOnlyPerSecond: number;
}

export const readAllRate = (connectionString: string, events: number): Promise<ReadRate> =>
  withClient(connectionString, async (client) => {
    const start = performance.now();
    const cpuStart = process.threadCpuUsage();
    let seen = 0;
    for await (const _ of client.readAll({ maxCount: events })) seen += 1;
    if (seen !== events) throw new Error(`${seen} events were read of ${events}`);
    const { user, system } = process.threadCpuUsage(cpuStart);
    return {
      perSecond: Math.round((seen / (performance.now() - start)) * 1000),
      clientOnlyPerSecond: Math.round((seen / (user + system)) * 1e6),
    };
  });

/** From the call of append to the arrival at a live subscriber, one event at a time. */
export const liveLatency = (connectionString: string, events: number): Promise<{ p50Ms: number; p99Ms: number }> =>
  withClient(connectionString, async (client) => {
    const latencies: number[] = [];
    const subscription = client.subscribeToStream('live', { fromRevision: 'end' });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    const arrivals = subscription[Symbol.asyncIterator]();
    for (let index = 0; index < events; index++) {
      const before = performance.now();
      const appended = client.appendToStream('live', anEvent());
      await arrivals.next();
      latencies.push(performance.now() - before);
      await appended;
    }
    await subscription.unsubscribe();
    return { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
  });
