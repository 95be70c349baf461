import { accept, type Decider } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { type AuditEvent, auditEvents, historyRead, type recordHistoryRead } from './messages.js';

/** One stream per reader and day, so that none grows without end. */
export const historyReadsDecider: Decider<null, MessageOf<typeof recordHistoryRead>, AuditEvent> = {
  stream: ({ data }) => `historyReads-${data.readerId}-${data.day}`,
  initial: null,
  events: auditEvents,
  decide: ({ data }) => accept(historyRead(data)),
  evolve: (state) => state,
};
