import { notificationIdOf, requestNotification } from '../notifications/messages.js';
import { SERVICE } from './purchase.messages.js';
import type { Purchase } from './purchase.state.js';

export const PURCHASE_MAILS = {
  link: 'tickets.purchaseLink',
  acceptance: 'tickets.orderAcceptance',
  tickets: 'tickets.ticketsAndInvoice',
} as const;

/** Leaves no mark in the purchase: that a link was spoken of again changes nothing of it. */
export const PURCHASE_REMINDER = 'tickets.purchaseLinkReminder';

type Contact = Readonly<Record<'purchaseId' | 'companyCode' | 'contactMail', string>>;
export type PurchaseMail = keyof typeof PURCHASE_MAILS;

const ordered = (
  { purchaseId, companyCode, contactMail }: Contact,
  kind: string,
  facts: Readonly<Record<string, string>>,
) =>
  requestNotification({
    notificationId: notificationIdOf(purchaseId, kind, 'contact'),
    kind,
    service: SERVICE,
    tenant: companyCode,
    processId: purchaseId,
    recipient: contactMail,
    facts,
  });

/** One mail of a kind for each purchase, however often it is asked for. */
export const purchaseMailTo = (contact: Contact, kind: PurchaseMail, facts: Readonly<Record<string, string>>) =>
  ordered(contact, PURCHASE_MAILS[kind], facts);

/** A day before the link dies; nothing where nobody waits for it any more, or it is dead by now. */
export const purchaseReminder = (purchaseId: string, purchase: NonNullable<Purchase>, now: Date) => {
  const { status, companyCode, contactMail, linkId, expiresAt } = purchase;
  if ((status !== 'LinkSent' && status !== 'Entering') || now.toISOString() >= expiresAt) return null;
  return ordered({ purchaseId, companyCode, contactMail }, PURCHASE_REMINDER, { linkId, expiresAt });
};
