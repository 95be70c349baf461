import * as library from '@eventstore/db-client';
import { describeEmbedded } from './embedded.js';
import { connectThrough } from './official-client.js';
import { alsoByDbClient } from './suite.js';

describeEmbedded(
  'the embedded event store, spoken to by @eventstore/db-client',
  connectThrough({
    library,
    open: (connectionString) => library.EventStoreDBClient.connectionString(connectionString),
    expectation: 'expectedRevision',
  }),
  alsoByDbClient,
);
