import { APPEND_OVERHEAD_BYTES, EVENT_OVERHEAD_BYTES, MAX_APPEND_BYTES, MAX_EVENTS_PER_APPEND } from '../limits.js';
import { sizeOf, type NewEvent } from '../log/event.js';
import type { Expected } from '../log/expected-revision.js';
import { expectedOf, type WireAppendOptions, type WireProposed } from '../protocol/requests.js';
import { appendTooLarge, invalid } from '../protocol/refusals.js';
import type { Budget } from './budget.js';
import { appendableStream, newEventOf, refuseStreamMetadata } from './proposed-event.js';

/** An append whose events are still arriving, message by message, and are held within the node's budget. */
export class UnfinishedAppend {
  readonly options: WireAppendOptions;
  readonly stream: string;
  readonly expected: Expected;
  readonly events: NewEvent[] = [];
  private readonly budget: Budget;
  private bytes = 0;
  private held = 0;

  constructor(options: WireAppendOptions, budget: Budget) {
    this.options = options;
    this.budget = budget;
    this.stream = appendableStream(options.streamIdentifier);
    this.expected = expectedOf(options);
    this.hold(APPEND_OVERHEAD_BYTES + this.stream.length);
  }

  add(proposed: WireProposed): void {
    const event = newEventOf(proposed);
    this.bytes += sizeOf(event);
    if (this.bytes > MAX_APPEND_BYTES) throw appendTooLarge();
    if (this.events.length >= MAX_EVENTS_PER_APPEND) {
      throw invalid(`an append may carry ${MAX_EVENTS_PER_APPEND} events`);
    }
    this.hold(sizeOf(event) + EVENT_OVERHEAD_BYTES);
    this.events.push(event);
  }

  /** Called when the last event is here: what only the whole append can be judged by. */
  finish(): void {
    refuseStreamMetadata(this.stream, this.events);
    this.release();
  }

  /** The append will be stored at the end of this turn, or will not be: it holds nothing any more. */
  release(): void {
    this.budget.giveBack(this.held);
    this.held = 0;
  }

  private hold(bytes: number): void {
    this.budget.take(bytes);
    this.held += bytes;
  }
}
