import { appending, appendingInParts } from './suites/appending.js';
import { idempotency } from './suites/idempotency.js';
import { contents, reading, readingAgainstTheEnds } from './suites/reading.js';
import { metadata } from './suites/refusing.js';
import { filtering, subscribingToAll, subscribingToStream } from './suites/subscribing.js';
import type { Connection, Engine } from './vocabulary.js';

export type Promises = (connection: () => Connection) => void;

/** What the product's own client can ask in addition. */
export const alsoByDbClient: readonly Promises[] = [readingAgainstTheEnds];

/** What every event store must promise to the product, embedded or real. */
export const describeEventStore = (name: string, start: () => Promise<Engine>, also: readonly Promises[] = []): void =>
  describe(name, () => {
    let connection: Connection;
    const connected = (): Connection => connection;
    beforeAll(async () => {
      const engine = await start();
      connection = engine.connect(engine.connectionString);
    });
    afterAll(() => connection.close());

    for (const promises of [
      appending,
      appendingInParts,
      idempotency,
      contents,
      reading,
      subscribingToStream,
      subscribingToAll,
      filtering,
      metadata,
      ...also,
    ])
      promises(connected);
  });
