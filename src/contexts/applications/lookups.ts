import type { Decisions } from '../../platform/commands/decisions.js';
import { applicationDecider } from './decider.js';
import { applicationStream } from './messages.js';
import { type Application, holdsTicket } from './state.js';

export { type Application, holdsTicket };
export { mailOrderOf } from './mail-orders.js';

/** As its stream says now; one that never began has the status `None`. */
export const applicationById = async (decisions: Decisions, applicationId: string): Promise<Application> =>
  (await decisions.stateOf(applicationDecider, applicationStream(applicationId))).state;
