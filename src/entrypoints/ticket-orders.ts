import type { Provider } from '@nestjs/common';
import { OrderFulfilment, purchaseHandlers, SELLER } from '../contexts/tickets/purchase.commands.js';
import { PurchaseAccess } from '../contexts/tickets/purchase.access.js';
import { TicketPurchaseController } from '../contexts/tickets/purchase.http.js';
import { TicketOrdersController } from '../contexts/tickets/orders.http.js';
import type { Config } from '../platform/config/config.js';

/** Buying tickets and fulfilling orders: the parts that the service is put together from. */
export const ticketOrderControllers = [TicketPurchaseController, TicketOrdersController];

export const ticketOrderProviders = ({ seller }: Pick<Config, 'seller'>): Provider[] => [
  { provide: SELLER, useValue: seller },
  PurchaseAccess,
  OrderFulfilment,
  ...purchaseHandlers,
];
