/** A bound on everything a client can make the node hold. Names of bounds that a Temporal cluster also has follow it. */
export interface Limits {
  /** One payload-carrying field: input, result, signal, heartbeat, header. */
  readonly blobBytes: number;
  readonly memoBytes: number;
  readonly searchAttributesBytes: number;
  /** What user interfaces show of a run, an activity or a timer. */
  readonly summaryBytes: number;
  readonly detailsBytes: number;
  /** Small print that travels along: what a worker says of itself, a retry policy. */
  readonly smallPrintBytes: number;
  readonly idChars: number;
  readonly historyEvents: number;
  readonly historyBytes: number;
  /** From here on workers are told to continue as new. */
  readonly suggestContinueAsNewEvents: number;
  readonly suggestContinueAsNewBytes: number;
  /** What waits while a worker decides; one fact more takes its task back. */
  readonly heldBackEvents: number;
  readonly heldBackBytes: number;
  readonly signalsPerRun: number;
  readonly pendingActivitiesPerRun: number;
  readonly pendingTimersPerRun: number;
  readonly commandsPerTask: number;
  readonly queriesPerRun: number;
  readonly openRuns: number;
  readonly waitingPolls: number;
  /** Of histories, for what is new or for the end. */
  readonly waitingReaders: number;
  readonly taskQueues: number;
  readonly connections: number;
  readonly streamsPerConnection: number;
  readonly requestBytes: number;
  readonly pageEvents: number;
  readonly pageBytes: number;
  readonly listPage: number;
  readonly queryChars: number;
}

const MIB = 1024 * 1024;

export const defaultLimits: Limits = {
  blobBytes: 2 * MIB,
  memoBytes: 2 * MIB,
  searchAttributesBytes: 40 * 1024,
  summaryBytes: 400,
  detailsBytes: 20_000,
  smallPrintBytes: 16 * 1024,
  idChars: 1000,
  historyEvents: 51_200,
  historyBytes: 50 * MIB,
  suggestContinueAsNewEvents: 4096,
  suggestContinueAsNewBytes: 4 * MIB,
  heldBackEvents: 100,
  heldBackBytes: 2 * MIB,
  signalsPerRun: 10_000,
  pendingActivitiesPerRun: 2000,
  pendingTimersPerRun: 10_000,
  commandsPerTask: 10_000,
  queriesPerRun: 100,
  openRuns: 100_000,
  waitingPolls: 4000,
  waitingReaders: 10_000,
  taskQueues: 10_000,
  connections: 500,
  streamsPerConnection: 2000,
  requestBytes: 16 * MIB,
  pageEvents: 1000,
  pageBytes: 2 * MIB,
  listPage: 1000,
  queryChars: 10_000,
};
