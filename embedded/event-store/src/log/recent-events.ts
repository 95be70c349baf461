import { RECENT_BYTES, RECENT_EVENTS } from '../limits.js';
import { sizeOf, type RecordedEvent } from './event.js';

/** The newest committed events in memory, so that live subscriptions need not ask the file. */
export class RecentEvents {
  private events: RecordedEvent[] = [];
  private bytes = 0;

  push(committed: readonly RecordedEvent[]): void {
    for (const event of committed) {
      this.events.push(event);
      this.bytes += sizeOf(event);
    }
    // Trimmed at twice the size down to once, so that the cost of moving the rest is rare.
    if (this.events.length > 2 * RECENT_EVENTS || this.bytes > 2 * RECENT_BYTES) this.trim();
  }

  /** The events behind `position`, or undefined when some of them are no longer here. */
  after(position: number, limit: number): RecordedEvent[] | undefined {
    const first = this.events[0]?.position;
    if (first === undefined || position + 1 < first) return undefined;
    const start = position + 1 - first;
    return this.events.slice(start, start + limit);
  }

  clear(): void {
    this.events = [];
    this.bytes = 0;
  }

  private trim(): void {
    let start = this.events.length;
    let bytes = 0;
    while (start > 0 && this.events.length - start < RECENT_EVENTS) {
      bytes += sizeOf(this.events[start - 1] as RecordedEvent);
      if (bytes > RECENT_BYTES) break;
      start -= 1;
    }
    this.events = this.events.slice(start);
    this.bytes = this.events.reduce((sum, event) => sum + sizeOf(event), 0);
  }
}
