import { accept, type Decider, refuse, unreachable } from '../../kernel/decider.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import {
  type OperationsCommand,
  type OperationsEvent,
  operationsEvents,
  parkedEventDismissed,
  parkedEventReplayRequested,
  REASON,
} from './messages.js';

/** What was done about a parked event. Whether it still waits, its follower knows; trying once more harms nobody. */
export const operationsDecider: Decider<null, OperationsCommand, OperationsEvent> = {
  stream: ({ data }) => `parkedEvent-${data.parkedId}`,
  initial: null,
  events: operationsEvents,
  decide(command, _, { actor }) {
    if (actor.kind !== 'backOffice') return refuse(refusal('NOT_PERMITTED', { permission: 'administration' }));
    switch (command.type) {
      case 'operations.ReplayParkedEvent':
        return accept(parkedEventReplayRequested(command.data));
      case 'operations.DismissParkedEvent': {
        const faults = validate('reason', command.data.reason, REASON);
        return faults.length > 0 ? refuse(invalid(faults)) : accept(parkedEventDismissed(command.data));
      }
      default:
        return unreachable(command);
    }
  },
  evolve: (state) => state,
};
