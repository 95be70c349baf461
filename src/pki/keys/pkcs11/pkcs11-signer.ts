import { createHash } from 'node:crypto';
import { elementAt, expectTag } from '../../der/decode.js';
import { bitString, NULL, objectId, sequence, TAG, unsigned } from '../../der/encode.js';
import { ecdsaSignatureFromRaw } from '../ecdsa-signature.js';
import { algorithmFor, hashOf, publicKeyOf } from '../signature-algorithm.js';
import type { Signer } from '../signer.js';
import { CK } from './cryptoki.js';
import type { Pkcs11Token } from './token.js';

const KEY_TYPE_RSA = 0;
const KEY_TYPE_EC = 3;
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
/** Room for an RSA-8192 signature. */
const SIGNATURE_MAX_BYTES = 1024;

/** A key of a token, found by its label, which also is its id here. */
export const pkcs11Signer = (token: Pkcs11Token, keyId: string): Promise<Signer> =>
  token.withSession((session) => {
    const privateKey = token.find(session, CK.classPrivateKey, keyId);
    const spki = readPublicKey(token, session, token.find(session, CK.classPublicKey, keyId));
    const alg = algorithmFor(publicKeyOf(spki));
    const isRsa = alg.startsWith('RSA');
    const sign = async (tbs: Uint8Array): Promise<Buffer> => {
      const mechanism = isRsa ? CK.mechanismSha256RsaPkcs : CK.mechanismEcdsa;
      // Hashing ECDSA mechanisms are rare in tokens, hashing RSA ones are everywhere.
      const input = isRsa ? Buffer.from(tbs) : createHash(hashOf(alg)).update(tbs).digest();
      const raw = await token.withSession((own) => {
        token.cryptoki.C_SignInit(own, { mechanism }, privateKey);
        return token.cryptoki.C_SignAsync(own, input, Buffer.alloc(SIGNATURE_MAX_BYTES));
      });
      return isRsa ? raw : ecdsaSignatureFromRaw(raw);
    };
    return Promise.resolve({ keyId, alg, spki, sign });
  });

const readPublicKey = ({ cryptoki }: Pkcs11Token, session: Buffer, key: Buffer): Buffer => {
  const read = (...types: number[]): Buffer[] =>
    cryptoki
      .C_GetAttributeValue(
        session,
        key,
        types.map((type) => ({ type })),
      )
      .map(({ value }) => value);
  // CK_ULONG in the byte order of the machine; the types that matter fit its first byte on every one we run on.
  const keyType = read(CK.keyType)[0]?.[0];
  if (keyType === KEY_TYPE_RSA) {
    const [modulus, exponent] = read(CK.modulus, CK.publicExponent) as [Buffer, Buffer];
    return sequence(
      sequence(objectId(RSA_ENCRYPTION), NULL),
      bitString(sequence(unsigned(modulus), unsigned(exponent))),
    );
  }
  if (keyType !== KEY_TYPE_EC) throw new Error('the key in the token is neither RSA nor EC');
  const [curve, point] = read(CK.ecParams, CK.ecPoint) as [Buffer, Buffer];
  const uncompressed = expectTag(elementAt(point), TAG.octetString).content;
  return sequence(sequence(objectId(EC_PUBLIC_KEY), curve), bitString(uncompressed));
};
