import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { TicketPurchaseActivities } from './activities.js';
import type { LinkSent, OrderPlaced, PurchaseEnd, PurchaseStarted } from './messages.js';

export const purchaseLinkSent = defineSignal<[LinkSent]>('purchaseLinkSent');
export const orderPlaced = defineSignal<[OrderPlaced]>('orderPlaced');
export const orderFulfilled = defineSignal('orderFulfilled');

const { expireTicketPurchase, flagOverdueOrder } = proxyActivities<TicketPurchaseActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

const CLOCKS_DIFFER_MS = 1_000;
const untilMs = (deadline: string): number => Math.max(1, Date.parse(deadline) - Date.now());

/** A link that dies after three days, an order that the back office should fulfil within hours. */
export async function ticketPurchase({ purchaseId, expiresAt }: PurchaseStarted): Promise<PurchaseEnd> {
  let deadline = expiresAt;
  let dueAt: string | null = null;
  let fulfilled = false;
  setHandler(purchaseLinkSent, (sent) => void (deadline = sent.expiresAt));
  setHandler(orderPlaced, (placed) => void (dueAt = placed.fulfilmentDueAt));
  setHandler(orderFulfilled, () => void (fulfilled = true));

  const isOrdered = () => dueAt !== null || fulfilled;
  while (!isOrdered()) {
    const served = deadline;
    if (await condition(() => isOrdered() || deadline !== served, untilMs(served))) continue;
    if (await expireTicketPurchase({ purchaseId, deadline: served })) return 'expired';
    // Ordered in the last moment, with the news still on its way; or the clocks of two machines differ.
    await sleep(CLOCKS_DIFFER_MS);
  }
  const due = dueAt;
  if (due !== null && !(await condition(() => fulfilled, untilMs(due)))) {
    await flagOverdueOrder({ purchaseId, deadline: due });
    await condition(() => fulfilled);
  }
  return 'fulfilled';
}
