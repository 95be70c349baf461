import type { Authority } from '../../../src/pki/authorities/authority.js';
import { newSerial } from '../../../src/pki/certificates/serial.js';
import { writeCrl } from '../../../src/pki/revocation/crl.js';
import type { Revocation } from '../../../src/pki/revocation/crl-entries.js';
import { longestBlockOf, type Block } from '../../kit/longest-block.js';
import { medianMsOf } from './measure.js';

const ENTRIES = 100_000;
const ROUNDS = 3;

/** A list far longer than a quarter's should ever become. */
export const listFigures = async (authority: Authority): Promise<{ entries: number; ms: number; block: Block }> => {
  const now = new Date();
  const revocations = Array.from({ length: ENTRIES }, (): Revocation => ({
    serial: newSerial(),
    effectiveAt: now,
    reason: 'superseded',
    expiresAt: now,
  }));
  const write = (): Promise<Buffer> =>
    writeCrl(authority, { listName: 'large', number: 1n, now, nextUpdate: now, revocations });
  return { entries: ENTRIES, ms: await medianMsOf(ROUNDS, write), block: await longestBlockOf(write) };
};
