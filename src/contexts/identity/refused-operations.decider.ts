import { accept, type Decider } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { operationRefused, type recordRefusedOperation } from './messages.js';

/** One stream per account and day, so that none grows without end. */
export const refusedOperationsDecider: Decider<
  null,
  MessageOf<typeof recordRefusedOperation>,
  MessageOf<typeof operationRefused>
> = {
  stream: ({ data }) => `refusedOperations-${data.accountId}-${data.day}`,
  initial: null,
  events: [operationRefused],
  decide: ({ data }) => accept(operationRefused(data)),
  evolve: (state) => state,
};
