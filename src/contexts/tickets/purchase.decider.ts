import type { ActorKind } from '../../kernel/actor.js';
import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import type { BusinessCalendar } from '../../kernel/calendar.js';
import type { MessageOf } from '../../kernel/message.js';
import { invalid, refusal, type Refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { decideFulfilment, decideOverdue, decidePayment, orderPlacedBy } from './order.decider.js';
import { pricedLines, totalYen } from './prices.decider.js';
import * as m from './purchase.messages.js';
import { evolve, type Purchase } from './purchase.state.js';

type Decision = Outcome<m.PurchaseEvent>;
type Known = NonNullable<Purchase>;

const LINK_LIFE_MS = POLICIES[m.SERVICE].link!.lifeDays * 86_400_000;
const lifeFrom = (moment: Date): string => new Date(moment.getTime() + LINK_LIFE_MS).toISOString();
/** At the deadline itself the link is dead; a millisecond before it is not. */
const isDead = ({ expiresAt }: Known, now: Date): boolean => now.toISOString() >= expiresAt;

/** For the buyer to go on. */
const isWaiting = ({ status }: Known): boolean => status === 'LinkSent' || status === 'Entering';

const wrongState = ({ status }: Known): Refusal => refusal('ORDER_STATE', { status });

/** What stands against going on by the link: the recorded deadline counts, whether or not a timer has fired. */
const linkFault = (purchase: Known, now: Date): Refusal | null => {
  const { status } = purchase;
  if (status === 'Expired') return refusal('PURCHASE_LINK_EXPIRED');
  if (!isWaiting(purchase)) return refusal('PURCHASE_LINK_USED');
  return isDead(purchase, now) ? refusal('PURCHASE_LINK_EXPIRED') : null;
};

const decideSent = ({ data }: MessageOf<typeof m.recordPurchaseMailSent>, purchase: Known): Decision => {
  const { purchaseId, kind, sentAt } = data;
  switch (kind) {
    case 'link':
      // The three days run from the first sending; sending the same link again gives it no longer life.
      if (purchase.sent || !isWaiting(purchase)) return accept();
      return accept(m.purchaseLinkSent({ purchaseId, sentAt, expiresAt: lifeFrom(new Date(sentAt)) }));
    case 'acceptance':
      return purchase.noticed.acceptance ? accept() : accept(m.orderAcceptanceNoticeSent({ purchaseId, sentAt }));
    case 'tickets':
      return purchase.noticed.tickets ? accept() : accept(m.ticketNoticeSent({ purchaseId, sentAt }));
    default:
      return unreachable(kind);
  }
};

const decideDetails = ({ data }: MessageOf<typeof m.enterOrderDetails>, purchase: Known, now: Date): Decision => {
  if (purchase.deliveryType === null) return refuse(refusal('DELIVERY_TYPE_FIRST'));
  const { purchaseId, billing, quantities } = data;
  const lines = pricedLines(quantities, now);
  const total = totalYen(lines);
  if (total === 0) return refuse(invalid([{ field: 'quantities', rule: 'QUANTITY_REQUIRED' }]));
  return accept(m.orderDetailsEntered({ purchaseId, billing, lines, totalYen: total }));
};

type ByLink =
  | MessageOf<typeof m.openPurchaseLink>
  | MessageOf<typeof m.chooseDeliveryType>
  | MessageOf<typeof m.enterOrderDetails>
  | MessageOf<typeof m.placeTicketOrder>;

const decideByLink = (command: ByLink, purchase: Known, now: Date, calendar: BusinessCalendar): Decision => {
  const { type, data } = command;
  // Pressed twice: the order stands already, and the second answer is the first.
  if (type === 'tickets.PlaceTicketOrder' && purchase.orderNo !== null) return accept();
  const fault = linkFault(purchase, now);
  if (fault) return refuse(fault);
  // Whoever has not opened the link cannot have seen the page from which the rest is sent.
  if (purchase.status === 'LinkSent' && type !== 'tickets.OpenPurchaseLink') return refuse(wrongState(purchase));
  switch (type) {
    case 'tickets.OpenPurchaseLink':
      return purchase.status === 'LinkSent' ? accept(m.purchaseLinkOpened(data)) : accept();
    case 'tickets.ChooseDeliveryType':
      return purchase.deliveryType === data.type ? accept() : accept(m.deliveryTypeChosen(data));
    case 'tickets.EnterOrderDetails':
      return decideDetails(command, purchase, now);
    case 'tickets.PlaceTicketOrder':
      return orderPlacedBy(data.purchaseId, purchase, now, calendar);
    default:
      return unreachable(type);
  }
};

const decideExpiry = ({ data }: MessageOf<typeof m.expireTicketPurchase>, purchase: Known, now: Date): Decision => {
  if (!isWaiting(purchase) || !isDead(purchase, now)) return accept();
  return accept(m.ticketPurchaseExpired({ purchaseId: data.purchaseId, dueAt: purchase.expiresAt }));
};

/** What is not the buyer's to say: the desk's work, and what only time or the mail brings about. */
const ONLY: Readonly<Partial<Record<m.PurchaseCommand['type'], Readonly<{ kind: ActorKind; permission: string }>>>> = {
  'tickets.FulfilTicketOrder': { kind: 'backOffice', permission: 'back office' },
  'tickets.MarkInvoicePaid': { kind: 'backOffice', permission: 'back office' },
  'tickets.RecordPurchaseMailSent': { kind: 'system', permission: 'system' },
  'tickets.ExpireTicketPurchase': { kind: 'system', permission: 'system' },
  'tickets.FlagOverdueOrder': { kind: 'system', permission: 'system' },
};

const decide = (command: m.PurchaseCommand, purchase: Purchase, { now, actor, calendar }: Moment): Decision => {
  const only = ONLY[command.type];
  if (only && actor.kind !== only.kind) return refuse(refusal('NOT_PERMITTED', { permission: only.permission }));
  if (command.type === 'tickets.StartTicketPurchase') {
    if (purchase) return accept();
    return accept(m.ticketPurchaseStarted({ ...command.data, expiresAt: lifeFrom(now) }));
  }
  if (!purchase) return refuse(refusal('NOT_FOUND'));
  switch (command.type) {
    case 'tickets.RecordPurchaseMailSent':
      return decideSent(command, purchase);
    case 'tickets.ExpireTicketPurchase':
      return decideExpiry(command, purchase, now);
    case 'tickets.FlagOverdueOrder':
      return decideOverdue(command.data, purchase, now);
    case 'tickets.FulfilTicketOrder':
      return decideFulfilment(command.data, purchase, now);
    case 'tickets.MarkInvoicePaid':
      return decidePayment(command.data, purchase);
    case 'tickets.OpenPurchaseLink':
    case 'tickets.ChooseDeliveryType':
    case 'tickets.EnterOrderDetails':
    case 'tickets.PlaceTicketOrder':
      return decideByLink(command, purchase, now, calendar);
    default:
      return unreachable(command);
  }
};

export const purchaseDecider: Decider<Purchase, m.PurchaseCommand, m.PurchaseEvent> = {
  stream: ({ data }) => m.purchaseStream(data.purchaseId),
  initial: null,
  decide,
  evolve,
  events: m.purchaseEvents,
};
