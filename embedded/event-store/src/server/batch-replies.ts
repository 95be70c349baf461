import { status, type Status } from '../grpc/status.js';
import { MAX_APPEND_BYTES } from '../limits.js';
import { messageType } from '../protocol/messages.js';
import type { Refusal } from '../protocol/refusals.js';
import { wireStream, type BatchAppendRequest, type WireAppendOptions } from '../protocol/requests.js';
import { wrongRevision } from './wrong-revision.js';

export const batchSuccess = (
  request: BatchAppendRequest,
  stream: string,
  lastRevision: number,
  position: number,
): object =>
  reply(request, stream, {
    success: {
      ...(lastRevision < 0 ? { noStream: {} } : { currentRevision: lastRevision }),
      position: { commitPosition: position, preparePosition: position },
    },
  });

export const batchConflict = (
  request: BatchAppendRequest,
  stream: string,
  options: WireAppendOptions,
  actual: number,
): object => {
  const names = { current: 'currentStreamRevision', expected: 'expectedStreamPosition' };
  const details = wrongRevision(options, actual, names);
  return reply(request, stream, problem(status.FAILED_PRECONDITION, WRONG_VERSION, WRONG_VERSION, details));
};

/** The details' type is what a client makes its error from; those it does not know it shows with their message. */
export const batchRefusal = (
  request: BatchAppendRequest,
  stream: string,
  { code, details, metadata }: Refusal,
): object => {
  const tooLarge = metadata['exception'] === 'maximum-append-size-exceeded';
  return reply(
    request,
    stream,
    code === status.DEADLINE_EXCEEDED
      ? problem(code, details, 'Timeout', {})
      : tooLarge
        ? problem(code, details, 'MaximumAppendSizeExceeded', { maxAppendSize: MAX_APPEND_BYTES })
        : problem(code, details, 'BadRequest', { message: details }),
  );
};

const WRONG_VERSION = 'WrongExpectedVersion';

const reply = (request: BatchAppendRequest, stream: string, result: object): object => ({
  correlationId: request.correlationId,
  streamIdentifier: wireStream(stream),
  ...result,
});

const problem = (code: Status, message: string, type: string, value: object): object => ({
  error: {
    code,
    message,
    details: {
      typeUrl: `type.googleapis.com/event_store.client.${type}`,
      value: messageType(`event_store.client.${type}`).encode(value).finish(),
    },
  },
});
