import { accept, type Decider } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { operationRefused, type recordRefusedOperation } from './messages.js';

/** Strangers cost nothing to make: what one address leaves behind in a day has an end, and the metrics count on. */
export const LINES_OF_STRANGER_MAX = 100;

/** One stream per account, or per address of somebody without one, and day, so that none grows without end. */
export const refusedOperationsDecider: Decider<
  number,
  MessageOf<typeof recordRefusedOperation>,
  MessageOf<typeof operationRefused>
> = {
  stream: ({ data }) => `refusedOperations-${data.accountId}-${data.day}`,
  initial: 0,
  events: [operationRefused],
  decide: ({ data }, lines, { actor }) =>
    actor.kind === 'anonymous' && lines >= LINES_OF_STRANGER_MAX ? accept() : accept(operationRefused(data)),
  evolve: (lines) => lines + 1,
};
