import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { MAX_APPEND_BYTES, MAX_UNFINISHED_APPENDS, MAX_UNFINISHED_BYTES, MAX_UNREAD_ANSWERS } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import type { Expected } from '../log/expected-revision.js';
import { messageType } from '../protocol/messages.js';
import { invalid, Refusal, refusalOf } from '../protocol/refusals.js';
import {
  millisecondsOf,
  streamNameOf,
  wireStream,
  type BatchAppendRequest,
  type WireUuid,
} from '../protocol/requests.js';
import { uuidBytes } from '../protocol/uuid.js';
import { UnfinishedAppend } from './unfinished-append.js';

type Call = ServerDuplexStream<BatchAppendRequest, object>;

/** Streams/BatchAppend: many appends over one call, told apart by correlation id, each answered once. */
export const batchAppend =
  (log: EventLog) =>
  (call: Call): void => {
    const unfinished = new UnfinishedAppends();
    let atWork = 0;
    let ended = false;
    const endWhenDone = (): void => {
      if (ended && atWork === 0) call.end();
    };
    const reply = (answer: object): void => {
      call.write(answer);
      // Who does not read the answers must not be able to fill the memory with them.
      if (call.writableLength > MAX_UNREAD_ANSWERS) call.pause();
    };
    call.on('drain', () => call.resume());
    call.on('error', () => undefined);
    call.on('end', () => {
      ended = true;
      endWhenDone();
    });
    call.on('data', (request: BatchAppendRequest) => {
      const append = unfinished.take(request, (refusal, stream) => reply(refused(request, stream, refusal)));
      if (append === undefined) return;
      atWork += 1;
      const { stream, expected, events } = append;
      log
        .append(stream, expected, events)
        .then(
          (outcome) =>
            reply(
              outcome.kind === 'conflict'
                ? conflict(request, stream, expected, outcome.actualRevision)
                : success(request, stream, outcome.lastRevision, outcome.position),
            ),
          (error: unknown) => reply(refused(request, stream, refusalOf(error))),
        )
        .finally(() => {
          atWork -= 1;
          endWhenDone();
        });
    });
  };

/** The appends of one call that have begun and are not yet complete, within limits. */
class UnfinishedAppends {
  private readonly byCorrelation = new Map<string, UnfinishedAppend>();
  private bytes = 0;

  /** Takes in one message; gives back the append that it completes, or says why that append is refused. */
  take(request: BatchAppendRequest, refuse: (refusal: Refusal, stream: string) => void): UnfinishedAppend | undefined {
    const key = correlationKey(request.correlationId);
    let append = this.byCorrelation.get(key);
    try {
      if (request.options !== null) append = this.begin(key, request.options);
      // Later parts of an append that has been refused already: it has had its one answer.
      if (append === undefined) return undefined;
      const bytesBefore = append.bytes;
      for (const proposed of request.proposedMessages) append.add(proposed);
      this.bytes += append.bytes - bytesBefore;
      if (!request.isFinal) {
        if (this.bytes > MAX_UNFINISHED_BYTES)
          throw invalid(`unfinished appends may hold ${MAX_UNFINISHED_BYTES} bytes`);
        return undefined;
      }
      append.finish();
      this.drop(key);
      return append;
    } catch (error) {
      this.drop(key);
      refuse(refusalOf(error), append?.stream ?? streamNameOf(request.options?.streamIdentifier));
      return undefined;
    }
  }

  private begin(key: string, options: NonNullable<BatchAppendRequest['options']>): UnfinishedAppend {
    if (key === '') throw invalid('an append needs a correlation id');
    if (this.byCorrelation.has(key)) throw invalid('this correlation id is in use');
    if (this.byCorrelation.size >= MAX_UNFINISHED_APPENDS)
      throw invalid(`${MAX_UNFINISHED_APPENDS} appends may be unfinished`);
    const leftMs =
      options.deadlineIn !== null
        ? millisecondsOf(options.deadlineIn)
        : options.deadlineAt !== null
          ? millisecondsOf(options.deadlineAt) - Date.now()
          : Infinity;
    if (leftMs <= 0) throw new Refusal(status.DEADLINE_EXCEEDED, 'the deadline had passed before the append arrived');
    const append = new UnfinishedAppend(options);
    this.byCorrelation.set(key, append);
    return append;
  }

  private drop(key: string): void {
    this.bytes -= this.byCorrelation.get(key)?.bytes ?? 0;
    this.byCorrelation.delete(key);
  }
}

const correlationKey = (id: WireUuid | null): string => uuidBytes(id)?.toString('hex') ?? '';

const answer = (request: BatchAppendRequest, stream: string, result: object): object => ({
  correlationId: request.correlationId,
  streamIdentifier: wireStream(stream),
  ...result,
});

const success = (request: BatchAppendRequest, stream: string, lastRevision: number, position: number): object =>
  answer(request, stream, {
    success: {
      ...(lastRevision < 0 ? { noStream: {} } : { currentRevision: lastRevision }),
      position: { commitPosition: position, preparePosition: position },
    },
  });

const problem = (code: status, message: string, type: string, value: object) => ({
  error: {
    code,
    message,
    details: {
      typeUrl: `type.googleapis.com/event_store.client.${type}`,
      value: messageType(`event_store.client.${type}`).encode(value).finish(),
    },
  },
});

const conflict = (request: BatchAppendRequest, stream: string, expected: Expected, actual: number): object =>
  answer(
    request,
    stream,
    problem(status.FAILED_PRECONDITION, 'WrongExpectedVersion', 'WrongExpectedVersion', {
      ...(actual < 0 ? { currentNoStream: {} } : { currentStreamRevision: actual }),
      ...(expected === 'any'
        ? { expectedAny: {} }
        : expected === 'noStream'
          ? { expectedNoStream: {} }
          : expected === 'streamExists'
            ? { expectedStreamExists: {} }
            : { expectedStreamPosition: expected }),
    }),
  );

/** The details' type is what a client makes its error from; those it does not know it shows with their message. */
const refused = (request: BatchAppendRequest, stream: string, { code, details, metadata }: Refusal): object =>
  answer(
    request,
    stream,
    code === status.DEADLINE_EXCEEDED
      ? problem(code, details, 'Timeout', {})
      : metadata.get('exception')[0] === 'maximum-append-size-exceeded'
        ? problem(code, details, 'MaximumAppendSizeExceeded', { maxAppendSize: MAX_APPEND_BYTES })
        : problem(code, details, 'BadRequest', { message: details }),
  );
