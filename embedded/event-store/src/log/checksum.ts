import { crc32 } from 'node:zlib';
import type { RecordedEvent } from './event.js';

/**
 * Tells a damaged event from a whole one. It covers everything that is served, each part with its length, so that no
 * byte can wander from one field to the next. It guards against faults of disk and memory, not against a forger.
 */
export const checksum = (event: RecordedEvent): number =>
  crc32(event.data, crc32(event.metadata, crc32(event.id, crc32(checksumFrame(event)))));

/** What comes before id, metadata and data, in that order. */
export const checksumFrame = (event: RecordedEvent): string => {
  const { position, revision, createdUs, isJson, type, stream, data, metadata } = event;
  return `${position} ${revision} ${createdUs} ${isJson} ${data.length} ${metadata.length} ${type.length} ${type} ${stream}`;
};
