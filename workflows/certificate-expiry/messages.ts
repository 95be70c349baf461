import { defineSignal } from '@temporalio/workflow';

/** One certificate and its last second, as it stands in it. */
export type Life = Readonly<{ certificateId: string; tenant: string; notAfter: string }>;

/** Which of the reminders it is, by how long before the end it is due. */
export type Reminder = Life & Readonly<{ daysLeft: number }>;

export const certificateRevokedSignal = defineSignal('certificateRevoked');
