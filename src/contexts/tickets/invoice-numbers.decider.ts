import { accept, type Decider } from '../../kernel/decider.js';
import {
  type InvoiceNumberCommand,
  type InvoiceNumberEvent,
  invoiceNumberEvents,
  invoiceNumberGiven,
} from './purchase.messages.js';

/**
 * The last number given. Who has which is not held here: a purchase asks with a command id made of its own id, and
 * whoever asks again under the same id is given the first answer.
 */
export const invoiceNumberDecider: Decider<number, InvoiceNumberCommand, InvoiceNumberEvent> = {
  stream: ({ data }) => `invoiceNumbers-${data.year}`,
  initial: 0,
  decide: ({ data }, last) => accept(invoiceNumberGiven({ ...data, number: last + 1 })),
  evolve: (_, { data }) => data.number,
  events: invoiceNumberEvents,
};
