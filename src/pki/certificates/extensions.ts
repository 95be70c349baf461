import {
  boolean,
  explicit,
  ia5String,
  implicit,
  integer,
  namedBits,
  NULL,
  objectId,
  octetString,
  sequence,
} from '../der/encode.js';
import { ACCESS, EXTENSION, POLICY_QUALIFIER_CPS } from '../object-ids.js';
import { EXTENDED_KEY_USAGE, KEY_USAGE, type Profile } from '../profiles/profile.js';

export const extension = (id: string, value: Buffer, critical = false): Buffer =>
  critical ? sequence(objectId(id), boolean(true), octetString(value)) : sequence(objectId(id), octetString(value));

const GENERAL_NAME = { dns: 2, uri: 6 } as const;

const uri = (text: string): Buffer => implicit(GENERAL_NAME.uri, Buffer.from(text, 'latin1'));

/** `DistributionPointName { fullName { uri } }` */
export const distributionPointName = (place: string): Buffer => explicit(0, explicit(0, uri(place)));

export const authorityKeyIdentifier = (keyIdentifier: Buffer): Buffer =>
  extension(EXTENSION.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier)));

export const subjectKeyIdentifier = (keyIdentifier: Buffer): Buffer =>
  extension(EXTENSION.subjectKeyIdentifier, octetString(keyIdentifier));

export const crlDistributionPoint = (place: string): Buffer =>
  extension(EXTENSION.cRLDistributionPoints, sequence(sequence(distributionPointName(place))));

export const authorityInfoAccess = (places: { ocsp: string; certificate: string }): Buffer =>
  extension(
    EXTENSION.authorityInfoAccess,
    sequence(
      sequence(objectId(ACCESS.ocsp), uri(places.ocsp)),
      sequence(objectId(ACCESS.caIssuers), uri(places.certificate)),
    ),
  );

export const subjectAltName = (dnsNames: readonly string[]): Buffer =>
  extension(
    EXTENSION.subjectAltName,
    sequence(...dnsNames.map((name) => implicit(GENERAL_NAME.dns, Buffer.from(name, 'latin1')))),
  );

export const certificatePolicies = (policies: readonly string[], practiceStatement: string | undefined): Buffer => {
  const qualifiers =
    practiceStatement === undefined
      ? []
      : [sequence(sequence(objectId(POLICY_QUALIFIER_CPS), ia5String(practiceStatement)))];
  return extension(
    EXTENSION.certificatePolicies,
    sequence(...policies.map((policy) => sequence(objectId(policy), ...qualifiers))),
  );
};

/** What follows from the profile alone; the same bytes for every certificate of it. */
export const fixedExtensions = (profile: Profile): Buffer[] => {
  const { authority, keyUsage, extendedKeyUsage } = profile;
  const pathLength = authority?.pathLength === undefined ? [] : [integer(authority.pathLength)];
  const constraints = authority === undefined ? sequence() : sequence(boolean(true), ...pathLength);
  const extensions = [
    extension(EXTENSION.basicConstraints, constraints, true),
    extension(EXTENSION.keyUsage, namedBits(keyUsage.map((usage) => KEY_USAGE[usage])), true),
  ];
  if (extendedKeyUsage.length > 0) {
    const usages = extendedKeyUsage.map((usage) => objectId(EXTENDED_KEY_USAGE[usage]));
    extensions.push(extension(EXTENSION.extendedKeyUsage, sequence(...usages)));
  }
  // RFC 6960 §4.2.2.2.1: nobody asks for the status of the one who answers.
  if (extendedKeyUsage.includes('ocspSigning')) extensions.push(extension(EXTENSION.ocspNoCheck, NULL));
  return extensions;
};
