import type { ServerWritableStream } from '@grpc/grpc-js';
import { LARGE_EVENT_BYTES } from '../limits.js';
import { sizeOf, type RecordedEvent } from '../log/event.js';
import { messageType } from '../protocol/messages.js';
import type { ReadOptions } from '../protocol/requests.js';
import { wireStream } from '../protocol/requests.js';
import { uuidStructured, uuidText } from '../protocol/uuid.js';

export type ReadCall = ServerWritableStream<{ options: ReadOptions | null }, object>;

const readResponse = messageType('event_store.client.streams.ReadResp');

/** A created time goes over the wire in units of 100 ns. */
const TICKS_PER_MICROSECOND = 10;

/** Sends to one reader no faster than it takes, and knows when it has gone. */
export class Outgoing {
  closed = false;
  private readonly call: ReadCall;
  private readonly structuredIds: boolean;
  private onChange: () => void = () => undefined;

  constructor(call: ReadCall, options: ReadOptions) {
    this.call = call;
    this.structuredIds = options.uuidOption?.content === 'structured';
    const close = (): void => {
      this.closed = true;
      this.onChange();
    };
    call.on('cancelled', close);
    call.on('close', close);
    call.on('error', close);
    call.on('drain', () => this.onChange());
  }

  /** Resolves when the next message may be sent; undefined when that is at once. */
  send(message: object): Promise<void> | undefined {
    if (this.closed || this.call.write(message)) return undefined;
    return new Promise((resolve) => (this.onChange = resolve));
  }

  event(event: RecordedEvent): Promise<void> | undefined {
    const message = readResponse
      .encode({ event: { event: this.wireEvent(event), commitPosition: event.position } })
      .finish();
    return sizeOf(event) < LARGE_EVENT_BYTES ? this.send(message) : this.sendAlone(message);
  }

  /** The call's own buffer counts messages, not bytes: a large one has to leave before the next is taken. */
  private sendAlone(message: object): Promise<void> | undefined {
    if (this.closed) return undefined;
    return new Promise((resolve) => {
      this.onChange = resolve;
      this.call.write(message, () => resolve());
    });
  }

  /** Resolves at the next wake-up or when the reader has gone. */
  sleep(arm: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.onChange = resolve;
      arm(resolve);
    });
  }

  private wireEvent(event: RecordedEvent): object {
    return {
      id: this.structuredIds ? uuidStructured(event.id) : { string: uuidText(event.id) },
      streamIdentifier: wireStream(event.stream),
      streamRevision: event.revision,
      preparePosition: event.position,
      commitPosition: event.position,
      metadata: {
        type: event.type,
        'content-type': event.isJson ? 'application/json' : 'application/octet-stream',
        created: String(event.createdUs * TICKS_PER_MICROSECOND),
      },
      customMetadata: event.metadata,
      data: event.data,
    };
  }
}

/** Lets other calls have their turn between two pages. */
export const yieldTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
