import { type Purchase, purchaseById } from '../../src/contexts/tickets/purchase.lookups.js';
import { expireTicketPurchase, flagOverdueOrder, SERVICE } from '../../src/contexts/tickets/purchase.messages.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import { permanently, type ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Due, Found } from './messages.js';

export type TicketPurchaseTools = Readonly<{ decisions: Decisions; commands: ProcessCommands }>;

export const ticketPurchaseActivities = ({ decisions, commands }: TicketPurchaseTools) => {
  const known = async (purchaseId: string): Promise<NonNullable<Purchase>> => {
    const purchase = await purchaseById(decisions, purchaseId);
    if (!purchase) throw permanently(`there is no purchase ${purchaseId}`);
    return purchase;
  };
  return {
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
