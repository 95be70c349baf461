import { decidedBy } from '../../platform/commands/decided-by.js';
import { operationsDecider } from './decider.js';
import { operationsCommands } from './messages.js';

export const operationsHandlers = decidedBy(operationsDecider, operationsCommands);
