import type { Decisions } from '../../platform/commands/decisions.js';
import { type Notification, notificationDecider } from './decider.js';

export type { Notification };

export const notificationById = async (decisions: Decisions, notificationId: string): Promise<Notification | null> =>
  (await decisions.stateOf(notificationDecider, `notification-${notificationId}`)).state;
