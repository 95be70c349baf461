import { decidedBy } from '../../platform/commands/decided-by.js';
import { ticketCommands } from './messages.js';
import { ticketDecider } from './ticket.decider.js';

export const ticketHandlers = decidedBy(ticketDecider, ticketCommands);
