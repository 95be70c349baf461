import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AccessDescription,
  AuthorityInfoAccessSyntax,
  AuthorityKeyIdentifier,
  BasicConstraints,
  CertificatePolicies,
  CRLDistributionPoints,
  DistributionPoint,
  DistributionPointName,
  ExtendedKeyUsage,
  Extension,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  PolicyInformation,
  PolicyQualifierInfo,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { ia5String, NULL } from '../der/encode.js';
import { ACCESS, EXTENSION, POLICY_QUALIFIER_CPS } from '../object-ids.js';
import { EXTENDED_KEY_USAGE, KEY_USAGE, type Profile } from '../profiles/profile.js';
import { listPlace } from '../revocation/list-name.js';
import type { Yardstick } from './finding.js';

/** The library's own encoding of the extensions a profile asks for, to be compared with ours byte by byte. */
export type Expected = ReadonlyMap<string, Buffer>;

const encoded = (extnID: string, value: ArrayBuffer, critical = false): [string, Buffer] => {
  const extension = new Extension({ extnID, critical, extnValue: new OctetString(value) });
  return [extnID, Buffer.from(AsnConvert.serialize(extension))];
};

const place = (uniformResourceIdentifier: string): GeneralName => new GeneralName({ uniformResourceIdentifier });

const perProfile = new WeakMap<Profile, Expected>();

/** The same for every certificate of a profile, so made once. */
export const ofProfile = (profile: Profile): Expected => {
  let expected = perProfile.get(profile);
  if (expected === undefined) perProfile.set(profile, (expected = new Map(profileExtensions(profile))));
  return expected;
};

const profileExtensions = (profile: Profile): [string, Buffer][] => {
  const { authority, keyUsage, extendedKeyUsage, policies } = profile;
  const constraints = new BasicConstraints({ cA: authority !== undefined });
  if (authority?.pathLength !== undefined) constraints.pathLenConstraint = authority.pathLength;
  const bits = keyUsage.reduce((sum, usage) => sum | (1 << KEY_USAGE[usage]), 0);
  const extensions = [
    encoded(EXTENSION.basicConstraints, AsnConvert.serialize(constraints), true),
    encoded(EXTENSION.keyUsage, AsnConvert.serialize(new KeyUsage(bits)), true),
  ];
  if (extendedKeyUsage.length > 0) {
    const usages = new ExtendedKeyUsage(extendedKeyUsage.map((usage) => EXTENDED_KEY_USAGE[usage]));
    extensions.push(encoded(EXTENSION.extendedKeyUsage, AsnConvert.serialize(usages)));
  }
  if (extendedKeyUsage.includes('ocspSigning')) extensions.push(encoded(EXTENSION.ocspNoCheck, arrayBufferOf(NULL)));
  if (policies.length > 0) {
    const qualifiers = practiceStatementOf(profile);
    const list = policies.map((policyIdentifier) => new PolicyInformation({ policyIdentifier, ...qualifiers }));
    extensions.push(encoded(EXTENSION.certificatePolicies, AsnConvert.serialize(new CertificatePolicies(list))));
  }
  return extensions;
};

const practiceStatementOf = ({ practiceStatement }: Profile): { policyQualifiers?: PolicyQualifierInfo[] } => {
  if (practiceStatement === undefined) return {};
  const qualifier = arrayBufferOf(ia5String(practiceStatement));
  return {
    policyQualifiers: [new PolicyQualifierInfo({ policyQualifierId: POLICY_QUALIFIER_CPS, qualifier })],
  };
};

type Issuer = Yardstick['issuer'];
const perIssuer = new WeakMap<Issuer, Expected>();

/** The same for every certificate of an issuer. */
export const ofIssuer = (issuer: Issuer): Expected => {
  let expected = perIssuer.get(issuer);
  if (expected === undefined) perIssuer.set(issuer, (expected = new Map(issuerExtensions(issuer))));
  return expected;
};

const issuerExtensions = ({ keyIdentifier, places }: Issuer): [string, Buffer][] => {
  const key = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(arrayBufferOf(keyIdentifier)) });
  const access = new AuthorityInfoAccessSyntax([
    new AccessDescription({ accessMethod: ACCESS.ocsp, accessLocation: place(places.ocsp) }),
    new AccessDescription({ accessMethod: ACCESS.caIssuers, accessLocation: place(places.certificate) }),
  ]);
  return [
    encoded(EXTENSION.authorityKeyIdentifier, AsnConvert.serialize(key)),
    encoded(EXTENSION.authorityInfoAccess, AsnConvert.serialize(access)),
  ];
};

export const ofSubjectKey = (keyIdentifier: Buffer): Buffer =>
  encoded(
    EXTENSION.subjectKeyIdentifier,
    AsnConvert.serialize(new SubjectKeyIdentifier(arrayBufferOf(keyIdentifier))),
  )[1];

export const ofList = (issuer: Issuer, listName: string): Buffer => {
  const distributionPoint = new DistributionPointName({ fullName: [place(listPlace(issuer, listName))] });
  const points = new CRLDistributionPoints([new DistributionPoint({ distributionPoint })]);
  return encoded(EXTENSION.cRLDistributionPoints, AsnConvert.serialize(points))[1];
};

export const ofDnsNames = (names: readonly string[]): Buffer => {
  const alternatives = new SubjectAlternativeName(names.map((dNSName) => new GeneralName({ dNSName })));
  return encoded(EXTENSION.subjectAltName, AsnConvert.serialize(alternatives))[1];
};

const arrayBufferOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
