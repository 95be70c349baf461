import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { KeyUsage } from '@peculiar/asn1-x509';
import { readCertificate } from '../certificates/read-certificate.js';
import { publicKeyBits } from '../keys/public-key-bits.js';
import { children, elementAt } from '../der/decode.js';
import type { Signer } from '../keys/signer.js';
import { EXTENSION } from '../object-ids.js';
import { KEY_USAGE } from '../profiles/profile.js';
import { keyIdentifierOf, type Authority } from './authority.js';

export type AuthorityRole = Pick<Authority, 'id' | 'places' | 'issues' | 'lists' | 'listsExpired'>;

/** The certificates or the key that were given do not make an authority. */
export class NoAuthority extends Error {
  override readonly name = 'NoAuthority';
}

/** An authority from its chain (its own certificate first, the root last) and its key, made here or given. */
export const openAuthority = (role: AuthorityRole, chain: readonly Buffer[], signer: Signer, now: Date): Authority => {
  const [certificate] = chain;
  if (certificate === undefined) throw new NoAuthority(`${role.id}: there is no certificate`);
  checkChain(role.id, chain, now);
  const own = new X509Certificate(certificate);
  if (!own.publicKey.export({ type: 'spki', format: 'der' }).equals(signer.spki)) {
    throw new NoAuthority(`${role.id}: the key ${signer.keyId} does not belong to the certificate`);
  }
  return {
    ...role,
    certificate,
    chain,
    signer,
    name: subjectOf(certificate),
    keyIdentifier: keyIdentifierOf(publicKeyBits(signer.spki)),
    notBefore: own.validFromDate,
    notAfter: own.validToDate,
  };
};

const checkChain = (id: string, chain: readonly Buffer[], now: Date): void => {
  const certificates = chain.map((der) => new X509Certificate(der));
  certificates.forEach((certificate, index) => {
    // The last one is signed by itself.
    const issuer = certificates[index + 1] ?? certificate;
    if (!certificate.ca || !signsCertificatesAndLists(chain[index]!)) {
      throw new NoAuthority(`${id}: certificate ${index} of the chain is no authority's`);
    }
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      throw new NoAuthority(`${id}: certificate ${index} of the chain is not signed by the next`);
    }
    if (now < certificate.validFromDate || now > certificate.validToDate) {
      throw new NoAuthority(`${id}: certificate ${index} of the chain is not valid now`);
    }
  });
};

const NEEDED_BITS = (1 << KEY_USAGE.keyCertSign) | (1 << KEY_USAGE.cRLSign);

const signsCertificatesAndLists = (certificate: Buffer): boolean => {
  const extensions = readCertificate(certificate).tbsCertificate.extensions ?? [];
  const usage = [...extensions].find(({ extnID }) => extnID === EXTENSION.keyUsage);
  if (usage === undefined) return false;
  return (AsnConvert.parse(usage.extnValue.buffer, KeyUsage).toNumber() & NEEDED_BITS) === NEEDED_BITS;
};

const SUBJECT_INDEX = 5;

/** The raw bytes: names are compared as bytes, and another writer may encode the same text differently. */
export const subjectOf = (certificate: Buffer): Buffer => {
  const [tbs] = children(elementAt(certificate));
  const subject = tbs === undefined ? undefined : children(tbs)[SUBJECT_INDEX];
  if (subject === undefined) throw new NoAuthority('the certificate has no subject');
  return subject.raw;
};
