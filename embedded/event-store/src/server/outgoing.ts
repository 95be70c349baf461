import type { Call } from '../grpc/call.js';
import { MAX_REPLY_BYTES_IN_FLIGHT, REPLY_BYTES } from '../limits.js';
import { sizeOf, type RecordedEvent } from '../log/event.js';
import { framerOf } from '../protocol/codec.js';
import { frameAll } from '../protocol/event-frames.js';
import type { ReadOptions } from '../protocol/requests.js';

const frame = framerOf('event_store.client.streams.ReadResp');

/** Sends to one reader no faster than it takes, in pieces that are large enough to be cheap. */
export class Outgoing {
  private readonly call: Call;
  private readonly structuredIds: boolean;
  private waiting: (RecordedEvent | Buffer)[] = [];
  private waitingBytes = 0;
  private onRoom: (() => void) | undefined;
  private onWake: (() => void) | undefined;

  constructor(call: Call, options: ReadOptions) {
    this.call = call;
    this.structuredIds = options.uuidOption?.content === 'structured';
  }

  /** Whether the reader has gone. */
  get closed(): boolean {
    return this.call.closed;
  }

  /** For whoever listens to the call: nobody must wait for a reader that has gone. */
  gone(): void {
    this.onRoom?.();
    this.onWake?.();
  }

  /** Sends at once. Resolves when more may be sent; undefined when that is at once. */
  send(message: object): Promise<void> | undefined {
    this.add(frame(message));
    return this.flush();
  }

  /** To be sent with what comes next. */
  add(message: Buffer): void {
    this.waiting.push(message);
    this.waitingBytes += message.length;
  }

  checkpoint(position: number): void {
    this.add(frame({ checkpoint: { commitPosition: position, preparePosition: position } }));
  }

  /** Sent with others, when they are worth a piece or at `flush`. Resolves as `send` does. */
  event(event: RecordedEvent): Promise<void> | undefined {
    this.waiting.push(event);
    this.waitingBytes += sizeOf(event);
    return this.waitingBytes < REPLY_BYTES ? undefined : this.flush();
  }

  flush(): Promise<void> | undefined {
    if (this.waiting.length === 0) return undefined;
    if (!this.closed) this.call.send(frameAll(this.waiting, this.structuredIds), this.hasLeft);
    this.waiting = [];
    this.waitingBytes = 0;
    return this.hasRoom() ? undefined : new Promise((resolve) => (this.onRoom = resolve));
  }

  /** Resolves at the next wake-up or when the reader has gone. */
  sleep(arm: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.onWake = resolve;
      arm(resolve);
    });
  }

  private hasRoom(): boolean {
    return this.closed || this.call.unsent < MAX_REPLY_BYTES_IN_FLIGHT;
  }

  private readonly hasLeft = (): void => {
    if (this.hasRoom()) this.onRoom?.();
  };
}

/** Lets other calls have their turn between two pages. */
export const yieldTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
