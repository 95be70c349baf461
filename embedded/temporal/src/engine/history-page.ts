import type { Frame } from '../protocol/frames.js';
import type { Engine } from './engine.js';
import type { Run } from './run.js';

export interface HistoryPage {
  readonly frames: readonly Frame[];
  /** Where to go on, or undefined if this was the last page. */
  readonly nextEventId: number | undefined;
}

/** One page, bounded in events and bytes; always at least one event, however large. */
export function readPage(engine: Engine, run: Run, from: number, to: number, mostEvents: number): HistoryPage {
  const { pageEvents, pageBytes } = engine.limits;
  const most = Math.min(mostEvents || pageEvents, pageEvents);
  const frames: Frame[] = [];
  let bytes = 0;
  for (const frame of source(engine, run, from, to)) {
    if (frames.length >= most || (frames.length > 0 && bytes + frame.length > pageBytes)) break;
    frames.push(frame);
    bytes += frame.length;
  }
  const nextEventId = from + frames.length;
  return { frames, nextEventId: nextEventId <= to && frames.length > 0 ? nextEventId : undefined };
}

/**
 * One page from the newest event backwards, in the same bounds. Events are read one by one: how many fit is known only
 * then, and reading on to the oldest of a full page's worth could mean gigabytes.
 */
export function readPageBackwards(engine: Engine, run: Run, newest: number, mostEvents: number): HistoryPage {
  const { pageEvents, pageBytes } = engine.limits;
  const oldest = Math.max(1, newest + 1 - Math.min(mostEvents || pageEvents, pageEvents));
  const frames: Frame[] = [];
  let bytes = 0;
  let eventId = newest;
  for (; eventId >= oldest; eventId--) {
    const [frame] = source(engine, run, eventId, eventId);
    if (!frame || (frames.length > 0 && bytes + frame.length > pageBytes)) break;
    frames.push(frame);
    bytes += frame.length;
  }
  return { frames, nextEventId: eventId >= 1 && frames.length > 0 ? eventId : undefined };
}

const source = (engine: Engine, run: Run, from: number, to: number): Iterable<Frame> =>
  from >= run.tailFrom
    ? run.tail.slice(from - run.tailFrom, to + 1 - run.tailFrom)
    : engine.store.iterateFrames(run.row, from, to);
