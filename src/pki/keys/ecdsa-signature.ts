import { sequence, unsigned } from '../der/encode.js';

/** PKCS#11 answers an EC signature as r‖s of equal length; X.509 wants `SEQUENCE { INTEGER r, INTEGER s }`. */
export const ecdsaSignatureFromRaw = (raw: Buffer): Buffer => {
  if (raw.length === 0 || raw.length % 2 !== 0) throw new RangeError('r and s must be of equal length');
  const half = raw.length / 2;
  return sequence(unsigned(raw.subarray(0, half)), unsigned(raw.subarray(half)));
};
