import { MAX_APPEND_BYTES, MAX_EVENTS_PER_APPEND } from '../limits.js';
import { sizeOf, type NewEvent } from '../log/event.js';
import type { Expected } from '../log/expected-revision.js';
import { expectedOf, type WireAppendOptions, type WireProposed } from '../protocol/requests.js';
import { appendTooLarge, invalid } from '../protocol/refusals.js';
import { appendableStream, newEventOf, refuseStreamMetadata } from './proposed-event.js';

/** An append whose events are still arriving, message by message. */
export class UnfinishedAppend {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: NewEvent[] = [];
  bytes = 0;

  constructor(options: WireAppendOptions) {
    this.stream = appendableStream(options.streamIdentifier);
    this.expected = expectedOf(options);
  }

  add(proposed: WireProposed): void {
    const event = newEventOf(proposed);
    this.bytes += sizeOf(event);
    if (this.bytes > MAX_APPEND_BYTES) throw appendTooLarge();
    if (this.events.length >= MAX_EVENTS_PER_APPEND)
      throw invalid(`an append may carry ${MAX_EVENTS_PER_APPEND} events`);
    this.events.push(event);
  }

  /** Called when the last event is here: what only the whole append can be judged by. */
  finish(): void {
    refuseStreamMetadata(this.stream, this.events);
  }
}
