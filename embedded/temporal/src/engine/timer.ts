import { EventType, int64 } from '../protocol/messages.js';
import type { Engine } from './engine.js';
import { withdrawFiring } from './held-back.js';
import { deliver, isBusy } from './inbound.js';
import type { Run } from './run.js';
import { step } from './state-machine.js';
import { timerTransitions, type Timer } from './timer-state.js';

export function startTimer(engine: Engine, run: Run, timerId: string, startedId: number, delayMs: number): void {
  const fireAtMs = engine.clock.nowMs() + delayMs;
  const timer: Timer = { timerId, startedId, fireAtMs, state: 'running', deadline: undefined };
  run.timers.set(timerId, timer);
  armTimer(engine, run, timer);
}

export function armTimer(engine: Engine, run: Run, timer: Timer): void {
  timer.deadline = engine.clock.at(timer.fireAtMs, { kind: 'timer', runId: run.birth.runId, timerId: timer.timerId });
}

export function fireTimer(engine: Engine, run: Run, timer: Timer): void {
  timer.state = step(timerTransitions, timer.state, isBusy(run) ? 'fire into buffer' : 'fire');
  if (timer.state === 'closed') run.timers.delete(timer.timerId);
  deliver(engine, run, {
    event: {
      eventType: EventType.EVENT_TYPE_TIMER_FIRED,
      timerFiredEventAttributes: { timerId: timer.timerId, startedEventId: int64(timer.startedId) },
    },
  });
}

/** The workflow has not seen a firing that is still in the buffer: to it the timer runs, and the firing never was. */
export function cancelTimer(engine: Engine, run: Run, timer: Timer): void {
  if (timer.state === 'fired') withdrawFiring(run, timer.timerId);
  timer.state = step(timerTransitions, timer.state, 'cancel');
  engine.clock.cancel(timer.deadline);
  run.timers.delete(timer.timerId);
}

export function dropTimers(engine: Engine, run: Run): void {
  for (const timer of run.timers.values()) engine.clock.cancel(timer.deadline);
  run.timers.clear();
}
