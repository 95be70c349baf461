import { connect } from '../../kit/db-client.js';
import { describeEmbedded } from './embedded.js';
import { alsoByDbClient } from './suite.js';

describeEmbedded('the embedded event store, spoken to by @eventstore/db-client', connect, alsoByDbClient);
