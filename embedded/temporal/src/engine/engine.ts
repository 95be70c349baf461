import type { Clock } from '../clock/clock.js';
import type { InFlight } from '../clock/in-flight.js';
import type { Limits } from '../limits.js';
import type { Matching } from '../matching/matching.js';
import type { Store } from '../store/store.js';
import type { Due } from './due.js';
import type { OpenRuns } from './open-runs.js';
import type { PendingQuery } from './run.js';
import type { SearchAttributeTypes } from './search-attributes.js';

/**
 * What the machines work with. It has no behaviour of its own: each machine is a file of functions that take the
 * engine and a run.
 */
export interface Engine {
  readonly clock: Clock<Due>;
  readonly inFlight: InFlight;
  readonly limits: Limits;
  readonly matching: Matching;
  readonly open: OpenRuns;
  /** Queries handed to a worker outside of any workflow task. */
  readonly queries: Map<string, PendingQuery>;
  readonly searchAttributeTypes: SearchAttributeTypes;
  readonly store: Store;
}
