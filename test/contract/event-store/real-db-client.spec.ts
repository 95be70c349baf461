import { connect } from '../../kit/db-client.js';
import { describeWhen } from '../../kit/describe-when.js';
import { alsoByDbClient, describeEventStore } from './suite.js';

const connectionString = process.env['EVENTSTORE_URL'] ?? '';
const title = 'a real server at EVENTSTORE_URL, spoken to by @eventstore/db-client';

describeWhen(connectionString !== '', title, () => {
  if (connectionString === '') it('keeps the promises that the embedded event store keeps', () => undefined);
  else describeEventStore('', () => Promise.resolve({ connectionString, connect }), alsoByDbClient);
});
