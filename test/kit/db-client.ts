import * as library from '@eventstore/db-client';
import { connectThrough } from '../contract/event-store/official-client.js';

/** Speaks through the client that the product uses. */
export const connect = connectThrough({
  library,
  open: (connectionString) => library.EventStoreDBClient.connectionString(connectionString),
  expectation: 'expectedRevision',
});
