import { accept, type Decider, unreachable } from '../../kernel/decider.js';
import {
  passwordResetRequested,
  type RecoveryCommand,
  type RecoveryEvent,
  recoveryEvents,
  userIdReminderRequested,
} from './messages.js';

/** When somebody asked under this name, newest last; only as many as the bound looks at. */
export type Recovery = readonly string[];

export const REQUESTS_MAX = 5;
export const REQUESTS_PER_MS = 3_600_000;

/**
 * Asking for a reminder or a reset link needs no account, so it is bounded per name: more requests get
 * the same answer as the first, and no mail.
 */
export const recoveryDecider: Decider<Recovery, RecoveryCommand, RecoveryEvent> = {
  stream: ({ data }) => `recovery-${data.recoveryId}`,
  initial: [],
  events: recoveryEvents,
  decide(command, recovery, { now }) {
    const since = new Date(now.getTime() - REQUESTS_PER_MS).toISOString();
    if (recovery.filter((at) => at > since).length >= REQUESTS_MAX) return accept();
    const requestedAt = now.toISOString();
    switch (command.type) {
      case 'partners.RequestUserIdReminder':
        return accept(userIdReminderRequested({ ...command.data, requestedAt }));
      case 'partners.RequestPasswordReset':
        return accept(passwordResetRequested({ ...command.data, requestedAt }));
      default:
        return unreachable(command);
    }
  },
  evolve: (recovery, { data }) => [...recovery, data.requestedAt].slice(-REQUESTS_MAX),
};
