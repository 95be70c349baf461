import { decidedBy } from '../../platform/commands/decided-by.js';
import { partnerDecider } from './decider.js';
import { directoryDecider } from './directory.decider.js';
import { directoryCommands, partnerCommands, recoveryCommands } from './messages.js';
import { recoveryDecider } from './recovery.decider.js';

export const partnersHandlers = [
  ...decidedBy(directoryDecider, directoryCommands),
  ...decidedBy(partnerDecider, partnerCommands),
  ...decidedBy(recoveryDecider, recoveryCommands),
];
