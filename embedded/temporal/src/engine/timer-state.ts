import type { Deadline } from '../clock/deadline-heap.js';
import type { Due } from './due.js';
import type { Transitions } from './state-machine.js';

/**
 * A timer that the workflow started:
 *  - `running`: waits for its moment
 *  - `fired`:   its event stands in the buffer, unseen by the workflow, which may still cancel it
 *  - `closed`:  fired and seen, or cancelled
 */
export type TimerState = 'running' | 'fired' | 'closed';
export type TimerHappening = 'fire' | 'fire into buffer' | 'cancel' | 'run closes';

export const timerTransitions: Transitions<TimerState, TimerHappening> = {
  running: { fire: 'closed', 'fire into buffer': 'fired', cancel: 'closed', 'run closes': 'closed' },
  fired: { cancel: 'closed', 'run closes': 'closed' },
  closed: {},
};

export interface Timer {
  readonly timerId: string;
  readonly startedId: number;
  readonly fireAtMs: number;
  state: TimerState;
  deadline: Deadline<Due> | undefined;
}
