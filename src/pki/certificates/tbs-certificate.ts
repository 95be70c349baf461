import { keyIdentifierOf, type Authority } from '../authorities/authority.js';
import { explicit, integer, sequence, time, unsigned } from '../der/encode.js';
import { publicKeyBits } from '../keys/public-key-bits.js';
import { algorithmIdentifier } from '../keys/signature-algorithm.js';
import { encodeName, type DistinguishedName } from '../names.js';
import type { Profile } from '../profiles/profile.js';
import type { Validity } from '../profiles/term.js';
import { listNameOf, listPlace } from '../revocation/list-name.js';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  certificatePolicies,
  crlDistributionPoint,
  fixedExtensions,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.js';

export interface CertificateContent {
  readonly profile: Profile;
  readonly serial: string;
  readonly subject: DistinguishedName;
  readonly spki: Buffer;
  readonly validity: Validity;
  readonly dnsNames?: readonly string[];
}

/** Of the signing authority, only what stands in the certificates it signs. */
export type Issuer = Pick<Authority, 'id' | 'name' | 'keyIdentifier' | 'places' | 'lists'> & {
  readonly signer: Pick<Authority['signer'], 'alg'>;
};

const VERSION_3 = 2;

/** The bytes to be signed. Nothing is judged here: `lint` reads these very bytes. */
export const writeTbsCertificate = (issuer: Issuer, content: CertificateContent): Buffer =>
  sequence(
    explicit(0, integer(VERSION_3)),
    unsigned(Buffer.from(content.serial, 'hex')),
    algorithmIdentifier(issuer.signer.alg),
    issuer.name,
    sequence(time(content.validity.notBefore), time(content.validity.notAfter)),
    encodeName(content.subject),
    content.spki,
    explicit(3, sequence(...extensionsOf(issuer, content))),
  );

const extensionsOf = (issuer: Issuer, content: CertificateContent): Buffer[] => {
  const { profile, spki, validity, dnsNames = [] } = content;
  const extensions = [
    authorityKeyIdentifier(issuer.keyIdentifier),
    subjectKeyIdentifier(keyIdentifierOf(publicKeyBits(spki))),
    ...fixedExtensions(profile),
  ];
  if (dnsNames.length > 0) extensions.push(subjectAltName(dnsNames));
  if (profile.policies.length > 0) extensions.push(certificatePolicies(profile.policies, profile.practiceStatement));
  if (profile.statusPlaces) {
    extensions.push(
      crlDistributionPoint(listPlace(issuer, listNameOf(issuer, validity.notBefore))),
      authorityInfoAccess(issuer.places),
    );
  }
  return extensions;
};
