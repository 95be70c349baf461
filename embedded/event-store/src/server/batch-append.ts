import type { Call } from '../grpc/call.js';
import { status } from '../grpc/status.js';
import { MAX_EVENTS_PER_MESSAGE, MAX_UNREAD_ANSWER_BYTES } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import { decoderOf, framerOf } from '../protocol/codec.js';
import { invalid, refusalOf, type Refusal } from '../protocol/refusals.js';
import type { BatchAppendRequest } from '../protocol/requests.js';
import { occurrences } from '../protocol/wire.js';
import { batchConflict, batchRefusal, batchSuccess } from './batch-replies.js';
import type { Budget } from './budget.js';
import { UnfinishedAppends } from './unfinished-appends.js';
import type { Wakefulness } from './wakefulness.js';

/** Streams/BatchAppend: many appends over one call, told apart by correlation id, each answered once. */
export const batchAppend =
  (log: EventLog, budget: Budget, wakefulness: Wakefulness) =>
  (call: Call): void =>
    call.listen(new Batches(log, budget, wakefulness, call));

class Batches {
  private readonly log: EventLog;
  private readonly call: Call;
  private readonly unfinished: UnfinishedAppends;
  private readonly wakefulness: Wakefulness;
  private atWork = 0;
  private ended = false;
  /** Answers of this turn, which leave together. */
  private answers: Buffer[] = [];

  constructor(log: EventLog, budget: Budget, wakefulness: Wakefulness, call: Call) {
    this.log = log;
    this.wakefulness = wakefulness;
    this.call = call;
    this.unfinished = new UnfinishedAppends(budget);
  }

  message(bytes: Buffer): void {
    let request: BatchAppendRequest;
    try {
      request = requestOf(bytes);
    } catch (error) {
      this.call.fail(refusalOf(error));
      return;
    }
    const append = this.unfinished.take(request, (refusal, stream) => this.refuse(request, stream, refusal));
    if (append === undefined) return;
    this.atWork += 1;
    this.wakefulness.began();
    const { options, stream, expected, events } = append;
    void this.log
      .append(stream, expected, events)
      .then(
        (outcome) =>
          this.answer(
            outcome.kind === 'conflict'
              ? batchConflict(request, stream, options, outcome.actualRevision)
              : batchSuccess(request, stream, outcome.lastRevision, outcome.position),
          ),
        (error: unknown) => this.refuse(request, stream, refusalOf(error)),
      )
      .then(() => {
        this.atWork -= 1;
        this.wakefulness.answered();
        this.endWhenDone();
      });
  }

  halfClosed(): void {
    this.ended = true;
    this.endWhenDone();
  }

  drained(): void {
    this.call.resume();
  }

  gone(): void {
    this.unfinished.dropAll();
  }

  private endWhenDone(): void {
    if (!this.ended || this.atWork > 0) return;
    this.flush();
    this.call.end();
  }

  private refuse(request: BatchAppendRequest, stream: string, refusal: Refusal): void {
    if (endsTheCall(refusal)) this.call.fail(refusal);
    else this.answer(batchRefusal(request, stream, refusal));
  }

  private answer(message: object): void {
    if (this.answers.push(frame(message)) === 1) queueMicrotask(() => this.flush());
  }

  private flush(): void {
    const [first, ...more] = this.answers;
    if (first === undefined) return;
    this.call.send(more.length === 0 ? first : Buffer.concat(this.answers));
    this.answers = [];
    // Who does not read the answers must not be able to fill the memory with them.
    if (this.call.unsent > MAX_UNREAD_ANSWER_BYTES) this.call.pause();
  }
}

const frame = framerOf('event_store.client.streams.BatchAppendResp');
const decode = decoderOf<BatchAppendRequest>('event_store.client.streams.BatchAppendReq');
const PROPOSED_MESSAGES_FIELD = 3;
/** Too few bytes to hold too many events. */
const HARMLESS_BYTES = MAX_EVENTS_PER_MESSAGE;

const requestOf = (bytes: Buffer): BatchAppendRequest => {
  if (bytes.length > HARMLESS_BYTES && hasTooManyEvents(bytes)) {
    throw invalid(`a message may carry ${MAX_EVENTS_PER_MESSAGE} events`);
  }
  return decode(bytes);
};

const hasTooManyEvents = (bytes: Buffer): boolean => {
  try {
    return occurrences(bytes, PROPOSED_MESSAGES_FIELD, MAX_EVENTS_PER_MESSAGE) > MAX_EVENTS_PER_MESSAGE;
  } catch {
    return false; // No message at all, which the decoder says.
  }
};

/** When the node cannot store anything any more, that is said of the call, with a status that clients can act on. */
const endsTheCall = ({ code }: Refusal): boolean => code === status.DATA_LOSS || code === status.UNAVAILABLE;
