import * as library from '@kurrent/kurrentdb-client';
import { describeEmbedded } from './embedded.js';
import { connectThrough, type OfficialClient } from './official-client.js';

// The successor renamed its classes and kept its functions; to the compiler they are strangers.
const open = ((connectionString: string) =>
  library.KurrentDBClient.connectionString(
    connectionString.replace(/^esdb/, 'kurrentdb'),
  )) as unknown as OfficialClient['open'];

describeEmbedded(
  'the embedded event store, spoken to by @kurrent/kurrentdb-client',
  connectThrough({ library: library as unknown as OfficialClient['library'], open, expectation: 'streamState' }),
);
