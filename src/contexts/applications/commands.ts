import { decidedBy } from '../../platform/commands/decided-by.js';
import { applicationDecider } from './decider.js';
import { applicationCommands } from './messages.js';

export const applicationHandlers = decidedBy(applicationDecider, applicationCommands);
