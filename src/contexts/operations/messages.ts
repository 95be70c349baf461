import { message, type MessageOf } from '../../kernel/message.js';
import type { Policy } from '../../kernel/policies.js';
import { text } from '../../kernel/schema.js';

/** Why an event need not be handled any more, for whoever asks later. */
export const REASON: Policy = { kind: 'prose', policy: { min: 1, max: 500 } };

/** An event that a follower could not handle: which one, and whose. */
const parked = { parkedId: text(), follower: text(), eventId: text(), eventType: text(), eventStream: text() };

export const parkedEventReplayRequested = message('operations.ParkedEventReplayRequested', parked);
export const parkedEventDismissed = message('operations.ParkedEventDismissed', { ...parked, reason: text() });

export const operationsEvents = [parkedEventReplayRequested, parkedEventDismissed] as const;
export type OperationsEvent = MessageOf<(typeof operationsEvents)[number]>;

export const replayParkedEvent = message('operations.ReplayParkedEvent', parked);
export const dismissParkedEvent = message('operations.DismissParkedEvent', { ...parked, reason: text() });

export const operationsCommands = [replayParkedEvent, dismissParkedEvent] as const;
export type OperationsCommand = MessageOf<(typeof operationsCommands)[number]>;
