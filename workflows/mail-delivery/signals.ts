import { notificationQueued, notificationRequeued } from '../../src/contexts/notifications/messages.js';
import { type ProcessSignals, startsOn } from '../../src/platform/temporal/signals.js';
import type { Delivery } from './messages.js';

const start = (workflowId: string, { notificationId, round, deadline }: Delivery) => ({
  workflow: 'mailDelivery',
  workflowId,
  args: [{ notificationId, round, deadline }],
});

export const mailDeliverySignals: ProcessSignals = {
  process: 'mail-delivery',
  wakes: [
    startsOn(notificationQueued, ({ data }) => start(data.notificationId, data)),
    // A resend is a delivery of its own; the one before it has ended.
    startsOn(notificationRequeued, ({ data }) => start(`${data.notificationId}.${data.round}`, data)),
  ],
};
