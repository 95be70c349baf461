import { RECENT_BYTES, RECENT_EVENTS } from '../limits.js';
import type { RecordedEvent } from './event.js';
import { RecentEvents } from './recent-events.js';

const event = (position: number, bytes = 10): RecordedEvent => ({
  position,
  stream: 's',
  revision: position - 1,
  id: Buffer.alloc(16),
  type: 't',
  isJson: false,
  createdUs: 0,
  data: Buffer.alloc(bytes),
  metadata: Buffer.alloc(0),
});
const positions = (events: RecordedEvent[] | undefined): number[] | undefined =>
  events?.map(({ position }) => position);

describe('the recent events', () => {
  it('are those behind a position, no more than asked for', () => {
    const recent = new RecentEvents();
    recent.push([event(5), event(6), event(7)]);
    expect(positions(recent.after(4, 10))).toEqual([5, 6, 7]);
    expect(positions(recent.after(5, 1))).toEqual([6]);
    expect(positions(recent.after(7, 10))).toEqual([]);
  });

  it('say that older ones must be read from the file', () => {
    const recent = new RecentEvents();
    expect(recent.after(0, 10)).toBeUndefined();
    recent.push([event(5)]);
    expect(recent.after(3, 10)).toBeUndefined();
  });

  it('are bounded in number, and the newest stay', () => {
    const recent = new RecentEvents();
    const pushed = 5 * RECENT_EVENTS;
    for (let position = 1; position <= pushed; position++) recent.push([event(position)]);
    expect(recent.after(pushed - RECENT_EVENTS, pushed)).toHaveLength(RECENT_EVENTS);
    expect(recent.after(pushed - 2 * RECENT_EVENTS - 1, 1)).toBeUndefined();
  });

  it('are bounded in bytes', () => {
    const recent = new RecentEvents();
    const large = RECENT_BYTES / 8;
    for (let position = 1; position <= 100; position++) recent.push([event(position, large)]);
    expect(positions(recent.after(99, 1))).toEqual([100]);
    expect(recent.after(100 - 17, 1)).toBeUndefined();
  });
});
