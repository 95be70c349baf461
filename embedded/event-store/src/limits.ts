/** Everything a caller could make large has a limit here. */

/** What one append may carry, as on the real server (its default `MaxAppendSize`). */
export const MAX_APPEND_BYTES = 1024 * 1024;
export const MAX_EVENTS_PER_APPEND = 10_000;
/** Decoded, an event takes many times the two bytes it may have on the wire: counted before it is decoded. */
export const MAX_EVENTS_PER_MESSAGE = 100_000;
export const MAX_STREAM_NAME_BYTES = 1_000;
export const MAX_EVENT_TYPE_BYTES = 1_000;

/** One gRPC message. Far above an append, so that a too large event gets its own answer instead of a broken stream. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Appends that one BatchAppend call has begun and not finished. */
export const MAX_UNFINISHED_APPENDS = 1_000;
/** What all callers together may hold in appends that they have begun and not finished. */
export const MAX_UNFINISHED_BYTES = 64 * 1024 * 1024;
/** What an event, and an append, take in memory beside their bytes; measured with small ones. */
export const EVENT_OVERHEAD_BYTES = 700;
export const APPEND_OVERHEAD_BYTES = 3_000;

/** Answers that a BatchAppend call has waiting for its client before no more appends are taken from it. */
export const MAX_UNREAD_ANSWER_BYTES = 128 * 1024;

/** Calls open at once on one connection, subscriptions included. */
export const MAX_OPEN_CALLS = 20_000;

export const MAX_FILTER_PREFIXES = 100;
export const MAX_FILTER_TEXT = 1_000;

/** Events fetched and sent before other calls get their turn. */
export const PAGE_EVENTS = 256;
/** A page also ends here: a reader that takes nothing holds one page and one window of replies. */
export const PAGE_BYTES = 128 * 1024;

/** Events are sent in pieces of about this size: two of HTTP/2's frames. */
export const REPLY_BYTES = 32 * 1024;
/** What is on its way to one reader before it has to take some. */
export const MAX_REPLY_BYTES_IN_FLIGHT = 128 * 1024;

/** The newest events, kept in memory for subscriptions that are live. */
export const RECENT_EVENTS = 4_096;
export const RECENT_BYTES = 8 * 1024 * 1024;

/** Streams whose last revision is kept in memory. */
export const CACHED_STREAMS = 20_000;

/** A live subscription this far behind is told that it fell behind. */
export const FELL_BEHIND_EVENTS = 5_000;

/** Events looked at when the file is opened, newest first. */
export const CHECKED_AT_START = 256;
