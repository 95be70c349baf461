import type { Clock } from '../../src/kernel/clock.js';
import { type Purchase, purchaseById, purchaseReminder } from '../../src/contexts/tickets/purchase.lookups.js';
import { expireTicketPurchase, flagOverdueOrder, SERVICE } from '../../src/contexts/tickets/purchase.messages.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import { permanently, type ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Due, Found } from './messages.js';

export type TicketPurchaseTools = Readonly<{ decisions: Decisions; commands: ProcessCommands; clock: Clock }>;

export const ticketPurchaseActivities = ({ decisions, commands, clock }: TicketPurchaseTools) => {
  const known = async (purchaseId: string): Promise<NonNullable<Purchase>> => {
    const purchase = await purchaseById(decisions, purchaseId);
    if (!purchase) throw permanently(`there is no purchase ${purchaseId}`);
    return purchase;
  };
  return {
    async remindOfPurchase({ purchaseId, deadline }: Due): Promise<void> {
      const purchase = await known(purchaseId);
      const reminder = purchaseReminder(purchaseId, purchase, clock.now());
      const step = `remind ${deadline}`;
      if (reminder) await commands.send(reminder, { step, tenant: purchase.companyCode, service: SERVICE });
    },

    /** What has become of the purchase; the stream decides, whatever the timer says. */
    async expireTicketPurchase({ purchaseId, deadline }: Due): Promise<Found> {
      const { companyCode: tenant } = await known(purchaseId);
      const step = `expire ${deadline}`;
      await commands.send(expireTicketPurchase({ purchaseId, deadline }), { step, tenant, service: SERVICE });
      const { status, fulfilmentDueAt } = await known(purchaseId);
      if (status === 'Expired') return { state: 'expired' };
      if (status === 'Ordered') return { state: 'ordered', fulfilmentDueAt: fulfilmentDueAt! };
      return { state: status === 'Fulfilled' || status === 'Paid' ? 'over' : 'notYet' };
    },

    /** `ordered`: flagged, and still open. */
    async flagOverdueOrder({ purchaseId, deadline }: Due): Promise<Found> {
      const { companyCode: tenant } = await known(purchaseId);
      await commands.send(flagOverdueOrder({ purchaseId, deadline }), { step: 'overdue', tenant, service: SERVICE });
      const { status, overdue, fulfilmentDueAt } = await known(purchaseId);
      if (status !== 'Ordered') return { state: 'over' };
      return overdue ? { state: 'ordered', fulfilmentDueAt: fulfilmentDueAt! } : { state: 'notYet' };
    },
  };
};

export type TicketPurchaseActivities = ReturnType<typeof ticketPurchaseActivities>;
