import { decidedBy } from '../../platform/commands/decided-by.js';
import { notificationDecider } from './decider.js';
import { notificationCommands } from './messages.js';

export const notificationHandlers = decidedBy(notificationDecider, notificationCommands);
