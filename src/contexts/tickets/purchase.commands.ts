import { Inject, Injectable } from '@nestjs/common';
import { dayOf } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import { Commands, decidedBy } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Decided, Sender } from '../../platform/commands/sender.js';
import { invoiceNumberDecider, invoiceNumberStream } from './invoice-numbers.decider.js';
import { purchaseDecider } from './purchase.decider.js';
import {
  fulfilTicketOrder,
  giveInvoiceNumber,
  invoiceNumberCommands,
  invoiceNumberOf,
  purchaseCommands,
} from './purchase.messages.js';

export const purchaseHandlers = [
  ...decidedBy(purchaseDecider, purchaseCommands),
  ...decidedBy(invoiceNumberDecider, invoiceNumberCommands),
];

/** Fulfilment takes a number from one stream and uses it in another. */
@Injectable()
export class OrderFulfilment {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The caller has seen that the order is open; a purchase keeps the number it was given, so no number is lost to a race. */
  async fulfil(purchaseId: string, sender: Sender): Promise<Decided> {
    const year = dayOf(this.clock.now()).slice(0, 4);
    const give = { ...sender, commandId: derivedId('invoice number', purchaseId), fingerprint: null };
    await this.commands.send(giveInvoiceNumber({ year, purchaseId }), give);
    const { state } = await this.decisions.stateOf(invoiceNumberDecider, invoiceNumberStream(year));
    const invoiceNo = invoiceNumberOf(year, state.of[purchaseId]!);
    return this.commands.send(fulfilTicketOrder({ purchaseId, invoiceNo }), sender);
  }
}
