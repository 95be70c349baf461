import { children, elementAt, expectTag } from '../der/decode.js';
import { TAG } from '../der/encode.js';

/** The content of the BIT STRING, without the octet that counts unused bits. */
export const publicKeyBits = (spki: Buffer): Buffer =>
  expectTag(children(expectTag(elementAt(spki), TAG.sequence))[1], TAG.bitString).content.subarray(1);
