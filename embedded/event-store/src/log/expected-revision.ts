/** What an append says about the stream it goes to. A number is the revision of the last event it has seen. */
export type Expected = number | 'any' | 'noStream' | 'streamExists';

export const NO_EVENTS = -1;

/** How the log answers questions about one stream's past. */
export interface StreamPast {
  /** Revision of the stream's last event, or `NO_EVENTS`. */
  readonly last: number;
  revisionOf(eventId: Uint8Array): number | undefined;
  eventIdAt(revision: number): Uint8Array | undefined;
}

export type Verdict =
  | { readonly kind: 'append' }
  /** The same events are recorded already; the answer of the first time is due again. */
  | { readonly kind: 'recorded'; readonly lastRevision: number }
  | { readonly kind: 'conflict' };

const APPEND: Verdict = { kind: 'append' };
const CONFLICT: Verdict = { kind: 'conflict' };

/** The real server's commit check: concurrency by expected revision, idempotency by event id. */
export const judge = (expected: Expected, eventIds: readonly Uint8Array[], past: StreamPast): Verdict => {
  if (expected === 'streamExists' && past.last === NO_EVENTS) return CONFLICT;
  if (expected === 'any' || expected === 'streamExists') return judgeAnywhere(eventIds, past);
  const expectedLast = expected === 'noStream' ? NO_EVENTS : expected;
  if (expectedLast === past.last) return APPEND;
  if (expectedLast > past.last) return CONFLICT;
  return judgeRetryAfter(expectedLast, eventIds, past);
};

/** Without an expected revision the ids alone tell a retry: all of them are known, or the first is new. */
const judgeAnywhere = (eventIds: readonly Uint8Array[], past: StreamPast): Verdict => {
  if (eventIds.length === 0 || past.last === NO_EVENTS) return APPEND;
  let lastRevision = NO_EVENTS;
  for (const [index, id] of eventIds.entries()) {
    const revision = past.revisionOf(id);
    if (revision === undefined) return index === 0 ? APPEND : CONFLICT;
    lastRevision = revision;
  }
  return { kind: 'recorded', lastRevision };
};

/** The stream has moved on: only the very same events right behind the expected revision are a retry. */
const judgeRetryAfter = (expectedLast: number, eventIds: readonly Uint8Array[], past: StreamPast): Verdict => {
  if (eventIds.length === 0) return CONFLICT;
  let revision = expectedLast;
  for (const id of eventIds) {
    revision += 1;
    const recorded = past.eventIdAt(revision);
    if (recorded === undefined || Buffer.compare(recorded, id) !== 0) return CONFLICT;
  }
  return { kind: 'recorded', lastRevision: revision };
};
