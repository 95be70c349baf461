import * as library from '@eventstore/db-client';
import { describeWhen } from '../../kit/describe-when.js';
import { connectThrough } from './official-client.js';
import { alsoByDbClient, describeEventStore } from './suite.js';

const connectionString = process.env['EVENTSTORE_URL'] ?? '';
const connect = connectThrough({
  library,
  open: (connectionString) => library.EventStoreDBClient.connectionString(connectionString),
  expectation: 'expectedRevision',
});

const title = 'a real server at EVENTSTORE_URL, spoken to by @eventstore/db-client';

describeWhen(connectionString !== '', title, () => {
  if (connectionString === '') it('keeps the promises that the embedded event store keeps', () => undefined);
  else describeEventStore('', () => Promise.resolve({ connectionString, connect }), alsoByDbClient);
});
