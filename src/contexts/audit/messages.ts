import { message, type MessageOf } from '../../kernel/message.js';
import { personal, text } from '../../kernel/schema.js';

const read = {
  readerId: text(),
  day: text(),
  /** What was asked for, as in the address; it may name a person. */
  filters: personal(text()),
};

/** Who looks at other people's doings is seen doing so. */
export const historyRead = message('audit.HistoryRead', read);
export const recordHistoryRead = message('audit.RecordHistoryRead', read);

export const auditEvents = [historyRead] as const;
export type AuditEvent = MessageOf<(typeof auditEvents)[number]>;
