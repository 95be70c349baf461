import type { Pki } from '../../platform/pki/pki.js';
import type { Checkpoints } from '../../platform/subscriptions/checkpoints.js';
import type { Sink } from '../../platform/subscriptions/subscription.js';
import { certificateRevoked } from './messages.js';
import { entered } from './register.js';

/** A revocation reaches the register and the list even if the process died right after the append. */
export const certificateConsequences = (checkpoints: Checkpoints, pki: Pki): Sink =>
  checkpoints.sink('certificates-consequences', [certificateRevoked.type], (event) => entered(pki, event));
