import { decidedBy } from '../../platform/commands/decided-by.js';
import { clientCompanyDecider } from './decider.js';
import { clientCompanyCommands } from './messages.js';

export const clientPortalHandlers = decidedBy(clientCompanyDecider, clientCompanyCommands);
