import type { Start } from '../../src/platform/temporal/signals.js';

/** No event begins it: lists must be there before anything was issued. */
export const revocationListsStart: Start = { workflow: 'revocationLists', workflowId: 'revocation-lists', args: [] };
