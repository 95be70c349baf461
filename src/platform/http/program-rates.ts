import { PerMinute } from './per-minute.js';

/**
 * How often each token may ask, whatever addresses it asks from; the limit by address stands before it and holds back
 * whoever tries tokens.
 */
export class ProgramRates extends PerMinute {}
