import { DamagedFile } from '@shomei/embedded-kit';
import { checksum } from './checksum.js';
import type { RecordedEvent } from './event.js';

export const EVENT_COLUMNS = `e.position, s.name, e.revision, e.event_id, e.type, e.is_json, e.created_us, e.data, e.metadata, e.checksum
  FROM events e JOIN streams s ON s.id = e.stream_id`;

/** A row of `EVENT_COLUMNS`, read as an array because that is what the hot path can afford. */
export type EventRow = [number, string, number, Uint8Array, string, number, number, Uint8Array, Uint8Array, number];

export const eventOf = (row: EventRow): RecordedEvent => ({
  position: row[0],
  stream: row[1],
  revision: row[2],
  id: row[3],
  type: row[4],
  isJson: row[5] === 1,
  createdUs: row[6],
  data: row[7],
  metadata: row[8],
});

export const isWhole = (row: EventRow, event: RecordedEvent): boolean => row[9] === checksum(event);

/** An event is served only if it is exactly what was recorded. */
export const wholeEventOf = (row: EventRow): RecordedEvent => {
  const event = eventOf(row);
  if (!isWhole(row, event)) throw new DamagedFile(`event ${event.position} is not what was recorded (checksum)`);
  return event;
};
