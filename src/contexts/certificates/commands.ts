import { decidedBy } from '../../platform/commands/decided-by.js';
import { certificateDecider } from './decider.js';
import { certificateCommands, signerCommands } from './messages.js';
import { signerDecider } from './signer.decider.js';

export const certificatesHandlers = [
  ...decidedBy(certificateDecider, certificateCommands),
  ...decidedBy(signerDecider, signerCommands),
];
