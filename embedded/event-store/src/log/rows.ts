import { crc32 } from 'node:zlib';
import { DamagedFile } from '@shomei/embedded-kit';
import { checksumFrame } from './checksum.js';
import type { RecordedEvent } from './event.js';

/**
 * Id, metadata and data come as one value: to hand over a value costs more than its bytes do. They come in the order in
 * which the checksum takes them.
 */
export const EVENT_COLUMNS = `e.position, s.name, e.revision, e.type, e.is_json, e.created_us, e.checksum,
  length(e.metadata), CAST(e.event_id || e.metadata || e.data AS BLOB)
  FROM events e JOIN streams s ON s.id = e.stream_id`;

/** A row of `EVENT_COLUMNS`, read as an array because that is what the hot path can afford. */
export type EventRow = [number, string, number, string, number, number, number, number, Uint8Array];

const ID_BYTES = 16;

export const eventOf = (row: EventRow): RecordedEvent => {
  const body = row[8];
  const data = ID_BYTES + row[7];
  return {
    position: row[0],
    stream: row[1],
    revision: row[2],
    id: body.subarray(0, ID_BYTES),
    type: row[3],
    isJson: row[4] === 1,
    createdUs: row[5],
    data: body.subarray(data),
    metadata: body.subarray(ID_BYTES, data),
  };
};

export const isWhole = (row: EventRow, event: RecordedEvent): boolean =>
  row[6] === crc32(row[8], crc32(checksumFrame(event)));

/** An event is served only if it is exactly what was recorded. */
export const wholeEventOf = (row: EventRow): RecordedEvent => {
  const event = eventOf(row);
  if (!isWhole(row, event)) throw new DamagedFile(`event ${event.position} is not what was recorded (checksum)`);
  return event;
};
