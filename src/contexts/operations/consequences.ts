import type { ParkedEvents } from '../../platform/subscriptions/parked-events.js';
import { type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import { parkedEventDismissed, parkedEventReplayRequested } from './messages.js';

/** Carried out where the followers run, so that it happens also if the process that was asked dies. */
export const operationsReactions = (parkedEvents: ParkedEvents): readonly Reaction[] => [
  reaction('parked-events', [parkedEventReplayRequested, parkedEventDismissed], ({ type, data }) =>
    type === 'operations.ParkedEventDismissed'
      ? parkedEvents.forget(data.parkedId)
      : parkedEvents.replay(data.parkedId),
  ),
];
