import type { Limits } from '../limits.js';
import { fromFrame, splitFrames, toFrame } from '../protocol/frames.js';
import type { BufferedEvent, HeldBack, Run } from './run.js';

/** Encoded at once, as it will be stored: the request it came in is not kept. */
export function holdBack(run: Run, { event, activityStarted }: BufferedEvent): void {
  const frames = activityStarted ? Buffer.concat([toFrame(activityStarted), toFrame(event)]) : toFrame(event);
  const timerId = event.timerFiredEventAttributes?.timerId ?? undefined;
  const held: HeldBack = { position: (run.buffered.at(-1)?.position ?? -1) + 1, frames, timerId };
  run.buffered.push(held);
  run.unsavedHeldBack.added.push(held);
}

const decode = (frames: Buffer): BufferedEvent => {
  const events = splitFrames(frames).map(fromFrame);
  const event = events.at(-1);
  if (!event) throw new Error('a fact that was held back is empty');
  const activityStarted = events.length > 1 ? events[0] : undefined;
  return activityStarted ? { event, activityStarted } : { event };
};

export const readHeldBack = (position: number, frames: Buffer): HeldBack => ({
  position,
  frames,
  timerId: decode(frames).event.timerFiredEventAttributes?.timerId ?? undefined,
});

/** Takes all of it, in the order it arrived. */
export function releaseHeldBack(run: Run): BufferedEvent[] {
  const held = run.buffered;
  if (held.length === 0) return [];
  run.buffered = [];
  run.unsavedHeldBack = { added: [], withdrawn: [], released: true };
  return held.map(({ frames }) => decode(frames));
}

export function withdrawFiring(run: Run, timerId: string): void {
  const { added, withdrawn } = run.unsavedHeldBack;
  for (const held of run.buffered.filter((one) => one.timerId === timerId)) {
    run.buffered.splice(run.buffered.indexOf(held), 1);
    const unsaved = added.indexOf(held);
    if (unsaved >= 0) added.splice(unsaved, 1);
    else withdrawn.push(held.position);
  }
}

export const isTooMuchHeldBack = (limits: Limits, run: Run): boolean =>
  run.buffered.length > limits.heldBackEvents ||
  run.buffered.reduce((sum, { frames }) => sum + frames.length, 0) > limits.heldBackBytes;
