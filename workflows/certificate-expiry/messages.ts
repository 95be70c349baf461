import { defineSignal } from '@temporalio/workflow';

/** One certificate and its last second, as it stands in it. */
export type Life = Readonly<{ certificateId: string; tenant: string; notAfter: string }>;

export const certificateRevokedSignal = defineSignal('certificateRevoked');
