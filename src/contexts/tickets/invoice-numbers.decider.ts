import { accept, type Decider } from '../../kernel/decider.js';
import {
  type InvoiceNumberCommand,
  type InvoiceNumberEvent,
  invoiceNumberEvents,
  invoiceNumberGiven,
} from './purchase.messages.js';

/** Who has which number; asked again, a purchase is given the number that it has. */
type Given = Readonly<{ last: number; of: Readonly<Record<string, number>> }>;

export const invoiceNumberDecider: Decider<Given, InvoiceNumberCommand, InvoiceNumberEvent> = {
  stream: ({ data }) => invoiceNumberStream(data.year),
  initial: { last: 0, of: {} },
  decide: ({ data }, { last, of }) =>
    Object.hasOwn(of, data.purchaseId) ? accept() : accept(invoiceNumberGiven({ ...data, number: last + 1 })),
  evolve: ({ of }, { data }) => ({ last: data.number, of: { ...of, [data.purchaseId]: data.number } }),
  events: invoiceNumberEvents,
};

export const invoiceNumberStream = (year: string): string => `invoiceNumbers-${year}`;
