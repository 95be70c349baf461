import type { Decisions } from '../../platform/commands/decisions.js';
import { commandsOn, type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import { notificationSent } from '../notifications/messages.js';
import { issueTicket } from './messages.js';
import { purchaseDecider } from './purchase.decider.js';
import { PURCHASE_MAILS, type PurchaseMail, purchaseMailTo } from './purchase.mail-orders.js';
import {
  invoiceIssued,
  purchaseStream,
  recordPurchaseMailSent,
  ticketOrderPlaced,
  ticketPurchaseStarted,
  ticketsIssued,
} from './purchase.messages.js';

type Ticketed = Readonly<{ ticketId: string; termYears: number }>;
/** What follows from a purchase: its mails, and the tickets that were promised. */
export const purchaseReactions = (decisions: Decisions): readonly Reaction[] => [
  commandsOn('purchase-link-mail', [ticketPurchaseStarted], ({ data }) => [
    purchaseMailTo(data, 'link', { linkId: data.linkId }),
  ]),
  commandsOn('order-acceptance-mail', [ticketOrderPlaced], ({ data }) => [
    purchaseMailTo(data, 'acceptance', {
      orderNo: data.orderNo,
      lines: JSON.stringify(data.lines),
      totalYen: String(data.totalYen),
    }),
  ]),
  // One reaction for both, so that the tickets are there before anybody reads their numbers in a mail.
  reaction('order-fulfilment', [ticketsIssued, invoiceIssued], async (event, send) => {
    const { purchaseId } = event.data;
    const issue = async (companyCode: string, tickets: readonly Ticketed[]) => {
      for (const { ticketId, termYears } of tickets)
        await send(issueTicket({ ticketId, termYears, companyCode, orderId: purchaseId }), ticketId);
    };
    if (event.type === 'tickets.TicketsIssued') return issue(event.data.companyCode, event.data.tickets);
    const { state } = await decisions.stateOf(purchaseDecider, purchaseStream(purchaseId));
    const { companyCode, contactMail, details, orderNo, tickets } = state!;
    // Even where the event before was put aside: no mail may tell a number that opens nothing.
    await issue(companyCode, tickets);
    const { purchaseId: _, ...invoice } = event.data;
    const { billing, lines } = details!;
    const facts = {
      companyCode,
      tickets: JSON.stringify(tickets),
      invoice: JSON.stringify({ ...invoice, orderNo, billing, lines }),
    };
    await send(purchaseMailTo({ purchaseId, companyCode, contactMail }, 'tickets', facts));
  }),
  commandsOn('purchase-mail-sent', [notificationSent], ({ data: { kind, processId, sentAt } }) => {
    const which = (Object.keys(PURCHASE_MAILS) as PurchaseMail[]).find((name) => PURCHASE_MAILS[name] === kind);
    return which ? [recordPurchaseMailSent({ purchaseId: processId, kind: which, sentAt })] : [];
  }),
];
