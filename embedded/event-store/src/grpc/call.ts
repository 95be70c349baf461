import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Deframer } from './frames.js';
import { failure, status, type Failure } from './status.js';
import { timeoutMs } from './timeout.js';

/** What a call's handler wants to hear of it. */
export interface Listener {
  message(bytes: Buffer): void;
  /** The caller has said everything, and nothing of it is missing. */
  halfClosed?(): void;
  /** Nothing can be said any more: the call has ended, or the caller has gone. Comes once. */
  gone?(): void;
  /** What was written has left; comes after `unsent` had grown large. */
  drained?(): void;
}

const RESPONSE: OutgoingHttpHeaders = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity',
};

/** Whoever has been answered and still sends more than was on its way is cut off. */
const MAX_LATE_BYTES = 1024 * 1024;

const DEAF: Listener = { message: () => undefined };

/** The server's side of one gRPC call on one HTTP/2 stream. */
export class Call {
  readonly headers: IncomingHttpHeaders;
  /** From here on what is sent goes nowhere and what arrives is thrown away. */
  closed = false;
  private readonly stream: ServerHttp2Stream;
  private readonly deframer: Deframer;
  private listener: Listener = DEAF;
  private deadline: NodeJS.Timeout | undefined;
  private responding = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, maxMessageBytes: number) {
    this.stream = stream;
    this.headers = headers;
    this.deframer = new Deframer(maxMessageBytes);
    // A stream's own failure is followed by its end, which is what is listened for.
    stream.on('error', ignore);
    stream.once('close', () => this.close());
  }

  /** Begins to take in what the caller sends. */
  listen(listener: Listener): void {
    const patience = timeoutMs(this.headers['grpc-timeout']);
    if (patience === undefined) {
      this.fail(failure(status.INVALID_ARGUMENT, 'the time-out of the call is none'));
      return;
    }
    if (patience < Infinity) this.deadline = setTimeout(() => this.fail(LATE), patience);
    this.listener = listener;
    this.stream.on('data', (chunk: Buffer) => this.take(chunk));
    this.stream.once('end', () => this.halfClose());
    this.stream.on('drain', () => this.listener.drained?.());
  }

  /** Bytes that wait for the caller to take them. */
  get unsent(): number {
    return this.stream.writableLength;
  }

  /** Sends messages, each with its prefix. `written` comes when they have left. */
  send(frames: Uint8Array, written?: () => void): void {
    if (this.closed) return;
    if (!this.responding) {
      this.responding = true;
      this.stream.respond(RESPONSE, { waitForTrailers: true });
    }
    this.stream.write(frames, written);
  }

  end(): void {
    this.finish({ 'grpc-status': status.OK });
  }

  fail({ code, details, metadata }: Failure): void {
    // Text that was cut in the middle of a character could not be sent.
    this.finish({ 'grpc-status': code, 'grpc-message': encodeURI(details.toWellFormed()), ...metadata });
  }

  /** Takes nothing more from the caller, who has to wait, until `resume`. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  private finish(trailers: OutgoingHttpHeaders): void {
    if (this.closed) return;
    const { stream, responding } = this;
    if (stream.closed || stream.destroyed) {
      this.close();
      return;
    }
    if (responding) {
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end();
    } else {
      stream.respond({ ...RESPONSE, ...trailers }, { endStream: true });
    }
    this.close();
    // What still arrives is thrown away, so that the stream can end.
    let late = 0;
    stream.on('data', (chunk: Buffer) => {
      late += chunk.length;
      if (late > MAX_LATE_BYTES) stream.close();
    });
    stream.resume();
  }

  private take(chunk: Buffer): void {
    if (this.closed) return;
    const refused = this.deframer.push(chunk, (message) => {
      if (!this.closed) this.listener.message(message);
    });
    if (refused !== undefined) this.fail(refused);
  }

  private halfClose(): void {
    // A call that is cut off ends like a complete one, but its stream has been closed by then.
    if (this.closed || this.stream.closed || this.stream.destroyed || this.stream.aborted) return;
    if (this.deframer.isAmidMessage) this.fail(failure(status.INVALID_ARGUMENT, 'the last message is not complete'));
    else this.listener.halfClosed?.();
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.deadline);
    this.deframer.drop();
    this.listener.gone?.();
    this.listener = DEAF;
  }
}

const LATE = failure(status.DEADLINE_EXCEEDED, 'the deadline of the call has passed');

const ignore = (): void => undefined;
