import { purchaseById } from '../../src/contexts/tickets/purchase.lookups.js';
import { expireTicketPurchase, flagOverdueOrder, SERVICE } from '../../src/contexts/tickets/purchase.messages.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import { permanently, type ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { Due } from './messages.js';

export type TicketPurchaseTools = Readonly<{ decisions: Decisions; commands: ProcessCommands }>;

export const ticketPurchaseActivities = ({ decisions, commands }: TicketPurchaseTools) => {
  const tenantOf = async (purchaseId: string): Promise<string> => {
    const purchase = await purchaseById(decisions, purchaseId);
    if (!purchase) throw permanently(`there is no purchase ${purchaseId}`);
    return purchase.companyCode;
  };
  return {
    /** Whether the purchase has expired; the stream decides, whatever the timer says. */
    async expireTicketPurchase({ purchaseId, deadline }: Due): Promise<boolean> {
      const tenant = await tenantOf(purchaseId);
      const step = `expire ${deadline}`;
      await commands.send(expireTicketPurchase({ purchaseId, deadline }), { step, tenant, service: SERVICE });
      return (await purchaseById(decisions, purchaseId))?.status === 'Expired';
    },

    async flagOverdueOrder({ purchaseId, deadline }: Due): Promise<void> {
      const tenant = await tenantOf(purchaseId);
      await commands.send(flagOverdueOrder({ purchaseId, deadline }), { step: 'overdue', tenant, service: SERVICE });
    },
  };
};

export type TicketPurchaseActivities = ReturnType<typeof ticketPurchaseActivities>;
