import { decidedBy } from '../../platform/commands/decided-by.js';
import { certificateDecider } from './decider.js';
import { certificateCommands, receivedCommands, signerCommands } from './messages.js';
import { receivedDecider } from './received.decider.js';
import { signerDecider } from './signer.decider.js';

export const certificatesHandlers = [
  ...decidedBy(certificateDecider, certificateCommands),
  ...decidedBy(signerDecider, signerCommands),
  ...decidedBy(receivedDecider, receivedCommands),
];
