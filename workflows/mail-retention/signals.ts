import type { Start } from '../../src/platform/temporal/signals.js';

/** No event begins it: what lies there may be older than the process. */
export const mailRetentionStart: Start = { workflow: 'mailRetention', workflowId: 'mail-retention', args: [] };
