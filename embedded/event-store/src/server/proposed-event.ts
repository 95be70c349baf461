import { MAX_EVENT_TYPE_BYTES, MAX_STREAM_NAME_BYTES } from '../limits.js';
import type { NewEvent } from '../log/event.js';
import { streamNameOf, type WireProposed, type WireStream } from '../protocol/requests.js';
import { invalid, missingProperty, neverDone, notBuilt } from '../protocol/refusals.js';
import { uuidBytes } from '../protocol/uuid.js';

const LINK = '$>';
const METADATA_OF = '$$';
const TRUNCATING = ['$maxCount', '$maxAge', '$tb'];

/** The stream an append goes to, if appending to it is possible at all. */
export const appendableStream = (identifier: WireStream | null): string => {
  const name = streamNameOf(identifier);
  if (name === '') throw invalid('an append needs the name of a stream');
  if (name === '$all') throw invalid('$all is every stream and cannot be appended to');
  if (Buffer.byteLength(name) > MAX_STREAM_NAME_BYTES) {
    throw invalid(`a stream name may have ${MAX_STREAM_NAME_BYTES} bytes`);
  }
  return name;
};

export const newEventOf = (proposed: WireProposed): NewEvent => {
  const { type, 'content-type': contentType } = proposed.metadata;
  if (type === undefined) throw missingProperty('type');
  if (contentType === undefined) throw missingProperty('content-type');
  if (Buffer.byteLength(type) > MAX_EVENT_TYPE_BYTES)
    throw invalid(`an event type may have ${MAX_EVENT_TYPE_BYTES} bytes`);
  if (type === LINK) throw notBuilt('a link event');
  const id = uuidBytes(proposed.id);
  if (id === undefined) throw invalid('an event needs a UUID as its id');
  return {
    id,
    type,
    isJson: contentType === 'application/json',
    data: copyOf(proposed.data),
    metadata: copyOf(proposed.customMetadata),
  };
};

/** Stream metadata is not kept; the kind that would hide events is refused by name. */
export const refuseStreamMetadata = (stream: string, events: readonly NewEvent[]): void => {
  if (!stream.startsWith(METADATA_OF)) return;
  const text = events.map((event) => Buffer.from(event.data).toString('utf8')).join();
  const truncating = TRUNCATING.find((property) => text.includes(`"${property}"`));
  throw truncating === undefined ? notBuilt('stream metadata') : neverDone(`stream metadata with ${truncating}`);
};

/** A copy, because the decoder's view would keep the whole gRPC message in memory as long as the event. */
const copyOf = (bytes: Uint8Array): Uint8Array => Buffer.from(bytes);
