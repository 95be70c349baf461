import type { Call } from '../grpc/call.js';
import { PAGE_EVENTS } from '../limits.js';
import type { RecordedEvent } from '../log/event.js';
import type { EventLog } from '../log/event-log.js';
import { decoderOf } from '../protocol/codec.js';
import { invalid, refusalOf } from '../protocol/refusals.js';
import { numberOf, wireStream, type AllOptions, type ReadOptions, type StreamOptions } from '../protocol/requests.js';
import { filterOf } from './filter.js';
import { Outgoing, yieldTurn } from './outgoing.js';
import { readableStream } from './readable-stream.js';
import { subscribe } from './subscribe.js';

const decode = decoderOf<{ readonly options: ReadOptions | null }>('event_store.client.streams.ReadReq');

/** Streams/Read: a bounded read of one stream or of the log, or a subscription to it. */
export const read =
  (log: EventLog) =>
  (call: Call): void => {
    let out: Outgoing | undefined;
    const refuse = (error: unknown): void => call.fail(refusalOf(error));
    call.listen({
      message: (bytes) => {
        try {
          if (out !== undefined) throw invalid('a read has one request');
          const { options } = decode(bytes);
          if (options === null) throw invalid('a read needs options');
          out = new Outgoing(call, options);
          serve(log, options, out).then(() => call.end(), refuse);
        } catch (error) {
          refuse(error);
        }
      },
      halfClosed: () => {
        if (out === undefined) refuse(invalid('a read needs a request'));
      },
      gone: () => out?.gone(),
    });
  };

const serve = async (log: EventLog, options: ReadOptions, out: Outgoing): Promise<void> => {
  if (options.countOption === 'subscription') return subscribe(log, options, out);
  if (options.stream !== null) return readStream(log, options, options.stream, out);
  if (options.all !== null) return readAll(log, options, options.all, out);
  throw invalid('a read names a stream or $all');
};

const isForward = (options: ReadOptions): boolean => options.readDirection === 0;

const readStream = async (log: EventLog, options: ReadOptions, wanted: StreamOptions, out: Outgoing): Promise<void> => {
  const stream = readableStream(wanted);
  const last = log.lastRevision(stream);
  if (last < 0) {
    await out.send({ streamNotFound: { streamIdentifier: wireStream(stream) } });
    return;
  }
  const { from, revision } = wanted;
  const forward = isForward(options);
  const start = from === 'start' ? 0 : from === 'end' ? Infinity : numberOf(revision);
  // A read is of the stream as it was when it was asked for, so that a busy stream cannot make it endless.
  let next = forward ? start : Math.min(start, last);
  await pages(out, numberOf(options.count), undefined, (limit) => {
    if (forward && next > last) return [];
    const page = forward
      ? log.streamFrom(stream, next, Math.min(limit, last - next + 1))
      : log.streamBack(stream, next, limit);
    next += forward ? page.length : -page.length;
    return page;
  });
};

const readAll = async (log: EventLog, options: ReadOptions, wanted: AllOptions, out: Outgoing): Promise<void> => {
  const { from, position } = wanted;
  const forward = isForward(options);
  const head = log.head;
  const given = numberOf(position?.commitPosition ?? 0);
  // Forward from a position includes it, backward excludes it.
  let after = from === 'start' ? 0 : from === 'end' ? head : Math.max(given - 1, 0);
  let before = from === 'start' ? 0 : from === 'end' ? head + 1 : Math.min(given, head + 1);
  await pages(out, numberOf(options.count), filterOf(options.filter), (limit) => {
    if (forward && after >= head) return [];
    const page = forward ? log.after(after, Math.min(limit, head - after)) : log.before(before, limit);
    after = page.at(-1)?.position ?? after;
    before = page.at(-1)?.position ?? before;
    return page;
  });
};

/** Sends page after page until the count is reached, the events are, or the reader has gone. */
const pages = async (
  out: Outgoing,
  count: number,
  filter: ((event: RecordedEvent) => boolean) | undefined,
  nextPage: (limit: number) => RecordedEvent[],
): Promise<void> => {
  let left = count;
  while (left > 0 && !out.closed) {
    const page = nextPage(filter === undefined ? Math.min(PAGE_EVENTS, left) : PAGE_EVENTS);
    if (page.length === 0) return;
    for (const event of page) {
      if (filter !== undefined && !filter(event)) continue;
      if (left === 0 || out.closed) break;
      left -= 1;
      const busy = out.event(event);
      if (busy !== undefined) await busy;
    }
    const busy = out.flush();
    if (busy !== undefined) await busy;
    await yieldTurn();
  }
};
