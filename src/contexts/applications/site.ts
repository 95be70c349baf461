import { listOf, oneOf, shape, text } from '../../platform/http/documented.js';
import type { Lra } from './frame.js';

/** What the operator has decided about the issuance of personal certificates. */
export type Surroundings = Readonly<{
  lra: Lra;
  /** Whether somebody other than who verified the identity must order the certificate. */
  secondPersonRequired: boolean;
}>;
export const LRA = Symbol('local registration authority');

const MARKS = listOf(shape({ step: text, state: oneOf('done', 'current', 'open') }));

/** Around every page (EC-26). */
export const FRAME = shape({
  links: shape({ revocation: text, manual: text }),
  notices: listOf(shape({ date: text, text })),
  contact: shape({ name: text, contact: text }),
  progress: shape({ agent: MARKS, holder: MARKS }),
});
