import { DamagedFile } from '@shomei/embedded-kit';
import { status, type Failure, type Status } from '../grpc/status.js';
import { LogClosed } from '../log/event-log.js';
import { CommitFailed } from '../log/group-commit.js';
import { MAX_APPEND_BYTES } from '../limits.js';

/** An answer other than success: a gRPC status, and in `exception` the word by which clients make their own error. */
export class Refusal extends Error implements Failure {
  override readonly name = 'Refusal';
  readonly code: Status;
  readonly details: string;
  readonly metadata: Readonly<Record<string, string>>;

  constructor(code: Status, details: string, metadata: Readonly<Record<string, string>> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = metadata;
  }
}

export const invalid = (what: string): Refusal => new Refusal(status.INVALID_ARGUMENT, what);

export const notBuilt = (what: string): Refusal =>
  new Refusal(status.UNIMPLEMENTED, `${what} is not implemented by this node`);

/** For what must never happen to recorded events, whoever asks. */
export const neverDone = (what: string): Refusal =>
  new Refusal(status.PERMISSION_DENIED, `${what} is refused: this node never removes or hides a recorded event`, {
    exception: 'access-denied',
  });

export const unauthenticated = (): Refusal =>
  new Refusal(status.UNAUTHENTICATED, 'this node serves only who can read its data folder: use its connection string');

export const shuttingDown = (): Refusal => new Refusal(status.UNAVAILABLE, 'the node is shutting down');

export const tooMuchUnfinished = (): Refusal =>
  new Refusal(status.RESOURCE_EXHAUSTED, 'too many appends have been begun and not finished; try again later');

export const appendTooLarge = (): Refusal =>
  new Refusal(status.INVALID_ARGUMENT, `an append may carry ${MAX_APPEND_BYTES} bytes`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_BYTES),
  });

export const missingProperty = (property: string): Refusal =>
  new Refusal(status.INVALID_ARGUMENT, `the required metadata property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

/** Whatever went wrong, as the status a client can act on. */
export const refusalOf = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof LogClosed) return shuttingDown();
  if (error instanceof DamagedFile) return new Refusal(status.DATA_LOSS, message);
  if (error instanceof CommitFailed) return new Refusal(status.RESOURCE_EXHAUSTED, message);
  return new Refusal(status.INTERNAL, message);
};
