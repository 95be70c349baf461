import { MAX_STREAM_NAME_BYTES } from '../limits.js';
import { invalid } from '../protocol/refusals.js';
import { streamNameOf, type StreamOptions } from '../protocol/requests.js';

/** The name of the stream that is read; `$all` is asked for in another way. */
export const readableStream = ({ streamIdentifier }: StreamOptions): string => {
  const name = streamNameOf(streamIdentifier);
  if (name === '') throw invalid('a read needs the name of a stream');
  if (Buffer.byteLength(name) > MAX_STREAM_NAME_BYTES) {
    throw invalid(`a stream name may have ${MAX_STREAM_NAME_BYTES} bytes`);
  }
  return name;
};
