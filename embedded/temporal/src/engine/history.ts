import { fromFrame, toFrame, type Frame } from '../protocol/frames.js';
import { int64, type HistoryEvent } from '../protocol/messages.js';
import { toTimestamp } from '../protocol/time.js';
import type { Engine } from './engine.js';
import { releaseHeldBack } from './held-back.js';
import type { BufferedEvent, Run } from './run.js';

/** Clusters number their tasks from far above the events'; clients only show it. */
const FIRST_TASK_ID = 1_048_576;

/** An event that somebody was told of before it is written keeps the time that was told. */
export function appendEvent(engine: Engine, run: Run, event: HistoryEvent, atMs = engine.clock.nowMs()): number {
  const eventId = run.nextEventId++;
  const frame = toFrame({
    ...event,
    eventId: int64(eventId),
    eventTime: event.eventTime ?? toTimestamp(atMs) ?? null,
    taskId: int64(FIRST_TASK_ID + eventId),
  });
  run.tail.push(frame);
  run.historyBytes += frame.length;
  engine.store.append(run, frame);
  wakeWatchers(engine, run);
  return eventId;
}

/** Whoever waits for new events is told once they are on disk. */
function wakeWatchers(engine: Engine, run: Run): void {
  if (run.watchers.size === 0) return;
  const watchers = run.watchers;
  run.watchers = new Set();
  engine.store.afterCommit(() => {
    for (const wake of watchers) wake();
  });
}

function appendBuffered(engine: Engine, run: Run, { event, activityStarted }: BufferedEvent): void {
  if (!activityStarted) {
    appendEvent(engine, run, event);
    return;
  }
  const startedEventId = int64(appendEvent(engine, run, activityStarted));
  const end =
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskCanceledEventAttributes ??
    event.activityTaskTimedOutEventAttributes;
  if (end) end.startedEventId = startedEventId;
  appendEvent(engine, run, event);
}

/** Writes what waited, in the order it arrived. True if there was anything. */
export function flushBuffered(engine: Engine, run: Run): boolean {
  const waiting = releaseHeldBack(run);
  for (const event of waiting) {
    forgetFiredTimer(run, event);
    appendBuffered(engine, run, event);
  }
  return waiting.length > 0;
}

/** Once its event is in the history, a fired timer can no longer be cancelled. */
function forgetFiredTimer(run: Run, { event }: BufferedEvent): void {
  const timerId = event.timerFiredEventAttributes?.timerId;
  if (timerId !== undefined && timerId !== null && run.timers.get(timerId)?.state === 'fired')
    run.timers.delete(timerId);
}

export const appendNow = appendBuffered;

/** The workflow has seen everything up to its last started task: that part is kept on disk only. */
export function dropSeenTail(run: Run): void {
  const seen = run.previousStartedId + 1 - run.tailFrom;
  if (seen <= 0) return;
  run.tail = run.tail.slice(seen);
  run.tailFrom += seen;
}

/** Events `from` to `to`, both included. Older ones are read from disk, hence only after the commit. */
export function readFrames(engine: Engine, run: Run, from: number, to: number): Frame[] {
  if (from >= run.tailFrom) return run.tail.slice(from - run.tailFrom, to + 1 - run.tailFrom);
  return engine.store.readFrames(run.row, from, to);
}

export function readEvent(engine: Engine, run: Run, eventId: number): HistoryEvent {
  const frame = readFrames(engine, run, eventId, eventId)[0];
  if (!frame) throw new Error(`event ${eventId} of run ${run.birth.runId} is missing`);
  return fromFrame(frame);
}

export const isHistoryFull = (engine: Engine, run: Run): boolean =>
  run.nextEventId - 1 > engine.limits.historyEvents || run.historyBytes > engine.limits.historyBytes;
