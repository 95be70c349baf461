import { condition, defineSignal, patched, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { TicketPurchaseActivities } from './activities.js';
import type { LinkSent, OrderPlaced, PurchaseEnd, PurchaseStarted } from './messages.js';

export const purchaseLinkSent = defineSignal<[LinkSent]>('purchaseLinkSent');
export const orderPlaced = defineSignal<[OrderPlaced]>('orderPlaced');
export const orderFulfilled = defineSignal('orderFulfilled');

const { expireTicketPurchase, flagOverdueOrder, remindOfPurchase } = proxyActivities<TicketPurchaseActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

const DAY_MS = 86_400_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
const pauseMs = (asked: number): number => Math.min(FIRST_PAUSE_MS * 2 ** asked, LONGEST_PAUSE_MS);
const untilMs = (deadline: string): number => Math.max(1, Date.parse(deadline) - Date.now());

/** A link that dies after three days and is spoken of a day before, an order that the back office should fulfil within hours. */
export async function ticketPurchase({ purchaseId, expiresAt }: PurchaseStarted): Promise<PurchaseEnd> {
  let deadline = expiresAt;
  let dueAt: string | null = null;
  let fulfilled = false;
  setHandler(purchaseLinkSent, (sent) => void (deadline = sent.expiresAt));
  setHandler(orderPlaced, (placed) => void (dueAt = placed.fulfilmentDueAt));
  setHandler(orderFulfilled, () => void (fulfilled = true));

  const isOrdered = () => dueAt !== null || fulfilled;
  for (let asked = 0; !isOrdered();) {
    const served = deadline;
    const changed = () => isOrdered() || deadline !== served;
    const reminderMs = Date.parse(served) - DAY_MS - Date.now();
    // Purchases that began under older code are reminded of nothing.
    if (patched('reminder') && reminderMs > 0) {
      if (await condition(changed, reminderMs)) continue;
      await remindOfPurchase({ purchaseId, deadline: served });
    }
    if (await condition(changed, untilMs(served))) continue;
    const found = await expireTicketPurchase({ purchaseId, deadline: served });
    if (found.state === 'expired') return 'expired';
    if (found.state === 'over') return 'fulfilled';
    if (found.state === 'ordered') dueAt = found.fulfilmentDueAt;
    else await sleep(pauseMs(asked++));
  }
  for (let asked = 0; dueAt !== null && !fulfilled;) {
    if (await condition(() => fulfilled, untilMs(dueAt))) break;
    const found = await flagOverdueOrder({ purchaseId, deadline: dueAt });
    if (found.state !== 'notYet') return found.state === 'over' ? 'fulfilled' : 'overdue';
    await sleep(pauseMs(asked++));
  }
  return 'fulfilled';
}
