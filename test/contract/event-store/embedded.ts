import { eventStoreNodes } from '../../kit/event-store-node.js';
import { describeEventStore, type Promises } from './suite.js';
import { refusing } from './suites/refusing.js';
import { serving } from './suites/serving.js';
import type { Connection } from './vocabulary.js';

/** The promises of every event store, and those that only the embedded one makes. */
export const describeEmbedded = (
  name: string,
  connect: (connectionString: string) => Connection,
  also: readonly Promises[] = [],
): void =>
  describe(name, () => {
    const nodes = eventStoreNodes();
    describeEventStore('like every event store', async () => ({ ...(await nodes.start()), connect }), also);

    describe('on its own', () => {
      let connection: Connection;
      beforeAll(async () => (connection = connect((await nodes.start()).connectionString)));
      afterAll(() => connection.close());
      refusing(() => connection);
      serving(connect);
    });
  });
