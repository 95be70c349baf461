import { randomUUID } from 'node:crypto';
import { status } from '../grpc/status.js';
import { FELL_BEHIND_EVENTS, PAGE_EVENTS } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import type { RecordedEvent } from '../log/event.js';
import { invalid, Refusal } from '../protocol/refusals.js';
import { numberOf, type AllOptions, type ReadOptions, type StreamOptions } from '../protocol/requests.js';
import { filterOf, type Filter } from './filter.js';
import { yieldTurn, type Outgoing } from './outgoing.js';
import { readableStream } from './readable-stream.js';

/** Where a subscription reads from, and how far it has come. */
interface Source {
  /** Undefined: the whole log. */
  readonly stream: string | undefined;
  /** The next events in order; none when the subscription has caught up. */
  next(): RecordedEvent[];
  behind(): number;
}

/** A checkpoint after this many looked-at events, unless the client asks for another window. */
const DEFAULT_WINDOW = 32;

/**
 * Catch-up and live are one loop over the same log: it reads on until nothing is left, sleeps until a commit wakes
 * it, and reads on from where it stands. There is no seam at which an event could be lost or come twice.
 */
export const subscribe = async (log: EventLog, options: ReadOptions, out: Outgoing): Promise<void> => {
  const source = options.stream === null ? wholeLog(log, options.all) : oneStream(log, options.stream);
  const filter = filterOf(options.filter);
  const checkpoints = filter === undefined ? undefined : new Checkpoints(options, out);
  let live = false;
  let stale: boolean;
  let wake: () => void = () => undefined;
  const unfollow = log.feed.follow(source.stream, () => {
    stale = true;
    wake();
  });
  try {
    await out.send({ confirmation: { subscriptionId: randomUUID() } });
    while (!out.closed) {
      if (live && source.behind() > FELL_BEHIND_EVENTS) {
        live = false;
        await out.send({ fellBehind: {} });
      }
      stale = false;
      const page = source.next();
      if (page.length > 0) {
        await deliver(page, filter, checkpoints, out);
        if (!live) await yieldTurn();
        continue;
      }
      if (!live) {
        live = true;
        await out.send({ caughtUp: {} });
      }
      if (!stale && !out.closed) await out.sleep((resume) => (wake = resume));
    }
  } finally {
    unfollow();
  }
};

const deliver = async (
  page: readonly RecordedEvent[],
  filter: Filter | undefined,
  checkpoints: Checkpoints | undefined,
  out: Outgoing,
): Promise<void> => {
  for (const event of page) {
    if (out.closed) return;
    const busy = filter === undefined || filter(event) ? out.event(event) : undefined;
    if (busy !== undefined) await busy;
    checkpoints?.passed(event);
  }
  const busy = out.flush();
  if (busy !== undefined) await busy;
};

/** Tells a filtered subscription how far the log has been searched, so that it need not search it again. */
class Checkpoints {
  private passedSince = 0;
  private readonly everyEvents: number;
  private readonly out: Outgoing;

  constructor({ filter }: ReadOptions, out: Outgoing) {
    this.everyEvents = (filter?.max || DEFAULT_WINDOW) * Math.max(1, filter?.checkpointIntervalMultiplier ?? 1);
    this.out = out;
  }

  passed({ position }: RecordedEvent): void {
    this.passedSince += 1;
    if (this.passedSince < this.everyEvents) return;
    this.passedSince = 0;
    this.out.checkpoint(position);
  }
}

const wholeLog = (log: EventLog, all: AllOptions | null): Source => {
  if (all === null) throw invalid('a subscription names a stream or $all');
  const given = numberOf(all.position?.commitPosition ?? 0);
  let after = all.from === 'start' ? 0 : all.from === 'end' || given === Infinity ? log.head : given;
  // A checkpoint from the future means that an older copy of the log is being served: better loud than silent.
  if (after > log.head) {
    throw new Refusal(status.OUT_OF_RANGE, `position ${after} is beyond the end of the log, which is ${log.head}`);
  }
  return {
    stream: undefined,
    behind: () => log.head - after,
    next: () => {
      const page = log.after(after, PAGE_EVENTS);
      after = page.at(-1)?.position ?? after;
      return page;
    },
  };
};

const oneStream = (log: EventLog, wanted: StreamOptions): Source => {
  const stream = readableStream(wanted);
  const last = log.lastRevision(stream);
  const given = numberOf(wanted.revision);
  let next = wanted.from === 'start' ? 0 : wanted.from === 'end' || given === Infinity ? last + 1 : given + 1;
  return {
    stream,
    behind: () => log.lastRevision(stream) + 1 - next,
    next: () => {
      const page = log.streamFrom(stream, next, PAGE_EVENTS);
      next += page.length;
      return page;
    },
  };
};
