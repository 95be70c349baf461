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

const source = (engine: Engine, run: Run, from: number, to: number): Iterable<Frame> =>
  from >= run.tailFrom
    ? run.tail.slice(from - run.tailFrom, to + 1 - run.tailFrom)
    : engine.store.iterateFrames(run.row, from, to);
