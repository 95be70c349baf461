import { Inject, Injectable } from '@nestjs/common';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { Commands, decidedBy } from '../../platform/commands/decided-by.js';
import type { Decided, Sender } from '../../platform/commands/sender.js';
import { invoiceNumberDecider } from './invoice-numbers.decider.js';
import type { Seller } from './invoice.paper.js';
import { purchaseDecider } from './purchase.decider.js';
import {
  fulfilTicketOrder,
  giveInvoiceNumber,
  invoiceNumberCommands,
  type invoiceNumberGiven,
  invoiceNumberOf,
  purchaseCommands,
  purchaseRequestCommands,
} from './purchase.messages.js';
import { purchaseRequestDecider } from './purchase-requests.decider.js';
import type { Purchase } from './purchase.state.js';

export const purchaseHandlers = [
  ...decidedBy(purchaseDecider, purchaseCommands),
  ...decidedBy(purchaseRequestDecider, purchaseRequestCommands),
  ...decidedBy(invoiceNumberDecider, invoiceNumberCommands),
];

/** Who stands on the invoice as the one who sells. */
export const SELLER = Symbol('seller');

/** Fulfilment takes a number from one stream and uses it in another. */
@Injectable()
export class OrderFulfilment {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(SELLER) private readonly seller: Seller,
  ) {}

  /** The caller has seen that the order is open or fulfilled; one that has its number is not given another. */
  async fulfil(purchaseId: string, purchase: NonNullable<Purchase>, sender: Sender): Promise<Decided> {
    const invoiceNo = purchase.invoice?.invoiceNo ?? (await this.numberFor(purchaseId, purchase.orderNo!, sender));
    return this.commands.send(fulfilTicketOrder({ purchaseId, invoiceNo, seller: this.seller }), sender);
  }

  /** Of the year of the order: a fulfilment that is tried again after the turn of the year asks the same stream. */
  private async numberFor(purchaseId: string, orderNo: string, sender: Sender): Promise<string> {
    const year = orderNo.slice(0, 4);
    const commandId = derivedId('invoice number', purchaseId);
    const give = giveInvoiceNumber({ year, purchaseId });
    const { events } = await this.commands.send(give, { ...sender, commandId, fingerprint: null });
    return invoiceNumberOf(year, (events[0]!.data as MessageOf<typeof invoiceNumberGiven>['data']).number);
  }
}
