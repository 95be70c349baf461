import type { Decisions } from '../../platform/commands/decisions.js';
import { purchaseDecider } from './purchase.decider.js';
import { purchaseStream } from './purchase.messages.js';
import type { Purchase } from './purchase.state.js';

export { purchaseReminder } from './purchase.mail-orders.js';
export type { Purchase };

export const purchaseById = async (decisions: Decisions, purchaseId: string): Promise<Purchase> =>
  (await decisions.stateOf(purchaseDecider, purchaseStream(purchaseId))).state;
