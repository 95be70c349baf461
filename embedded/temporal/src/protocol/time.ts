import { fromInt64, int64, type temporal } from './messages.js';

type Seconds = { seconds?: ReturnType<typeof int64> | null; nanos?: number | null };

/** Rounded up: a deadline may be a fraction late, never early. */
export const durationMs = (duration: Seconds | null | undefined): number =>
  duration ? fromInt64(duration.seconds) * 1000 + Math.ceil((duration.nanos ?? 0) / 1e6) : 0;

export const timestampMs = durationMs;

const split = (ms: number) => ({
  seconds: int64(Math.floor(ms / 1000)),
  nanos: (ms - Math.floor(ms / 1000) * 1000) * 1e6,
});

export const toTimestamp = (ms: number): temporal.api.history.v1.IHistoryEvent['eventTime'] => split(ms);

/** Zero means "not set" in the protocol, so zero is sent as nothing at all. */
export const toDuration = (ms: number): ReturnType<typeof split> | null => (ms > 0 ? split(ms) : null);

/** Where an explicit zero is meant (a retention, a default). */
export const toDurationOrZero = (ms: number) => split(ms);

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds, or a short text such as `3d`, `90 s`, `250ms`. */
export function spanMs(span: number | string): number {
  if (typeof span === 'number') return span;
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*$/.exec(span);
  const unitMs = UNITS_MS[match?.[2] ?? ''];
  if (!match || unitMs === undefined) throw new RangeError(`not a span of time: ${span}`);
  return Math.round(Number(match[1]) * unitMs);
}
