import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AuthorityInfoAccessSyntax,
  AuthorityKeyIdentifier,
  BasicConstraints,
  CertificatePolicies,
  CRLDistributionPoints,
  ExtendedKeyUsage,
  KeyUsage,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { keyIdentifierOf } from '../authorities/authority.js';
import { ACCESS, EXTENSION } from '../object-ids.js';
import { EXTENDED_KEY_USAGE, KEY_USAGE } from '../profiles/profile.js';
import { listNameOf, listPlace } from '../revocation/list-name.js';
import { lintDnsNames } from './dns-names.js';
import type { Body, Report, Yardstick } from './finding.js';

interface Expectation {
  readonly critical: boolean;
  readonly holds: (value: ArrayBuffer) => boolean;
}

const same = (actual: readonly unknown[], expected: readonly unknown[]): boolean =>
  actual.length === expected.length && actual.every((item, index) => item === expected[index]);

const bytes = (buffer: ArrayBuffer | undefined): string => Buffer.from(buffer ?? new ArrayBuffer(0)).toString('hex');

/** Exactly these extensions, each with exactly this content; whatever else stands there was not meant to be signed. */
export const lintExtensions = (body: Body, yardstick: Yardstick, report: Report): void => {
  const expected = expectationsOf(body, yardstick);
  const seen = new Set<string>();
  for (const { extnID, critical, extnValue } of body.parsed.extensions ?? []) {
    if (seen.has(extnID)) report('EXTENSION_REPEATED', extnID);
    seen.add(extnID);
    if (extnID === EXTENSION.subjectAltName && yardstick.profile.dnsNames !== 'none') {
      if (critical) report('EXTENSION_CRITICALITY', extnID);
      lintDnsNames(extnValue.buffer, commonNameOf(body), yardstick.profile.dnsNames, report);
      continue;
    }
    const expectation = expected.get(extnID);
    if (expectation === undefined) report('EXTENSION_NOT_ALLOWED', extnID);
    else if (critical !== expectation.critical) report('EXTENSION_CRITICALITY', extnID);
    else if (!expectation.holds(extnValue.buffer)) report('EXTENSION_VALUE', extnID);
  }
  const needed = [...expected.keys(), ...(yardstick.profile.dnsNames === 'none' ? [] : [EXTENSION.subjectAltName])];
  for (const id of needed) if (!seen.has(id)) report('EXTENSION_MISSING', id);
};

const expectationsOf = (body: Body, yardstick: Yardstick): Map<string, Expectation> => {
  const { parsed } = body;
  const { profile, issuer } = yardstick;
  const expected = new Map<string, Expectation>();
  const expect = (id: string, holds: Expectation['holds'], critical = false): void =>
    void expected.set(id, { critical, holds });
  const ownKey = keyIdentifierOf(Buffer.from(parsed.subjectPublicKeyInfo.subjectPublicKey)).toString('hex');
  expect(EXTENSION.subjectKeyIdentifier, (v) => bytes(AsnConvert.parse(v, SubjectKeyIdentifier).buffer) === ownKey);
  expect(EXTENSION.authorityKeyIdentifier, (v) => {
    const { keyIdentifier, authorityCertIssuer, authorityCertSerialNumber } = AsnConvert.parse(
      v,
      AuthorityKeyIdentifier,
    );
    const isKeyOnly = authorityCertIssuer === undefined && authorityCertSerialNumber === undefined;
    return isKeyOnly && bytes(keyIdentifier?.buffer) === issuer.keyIdentifier.toString('hex');
  });
  expectUsage(yardstick, expect);
  if (profile.policies.length > 0) {
    expect(EXTENSION.certificatePolicies, (v) =>
      same(
        [...AsnConvert.parse(v, CertificatePolicies)].map(({ policyIdentifier }) => policyIdentifier),
        profile.policies,
      ),
    );
  }
  if (profile.statusPlaces) expectPlaces(body, yardstick, expect);
  return expected;
};

type Expect = (id: string, holds: Expectation['holds'], critical?: boolean) => void;

const expectUsage = ({ profile }: Yardstick, expect: Expect): void => {
  const bits = profile.keyUsage.reduce((sum, usage) => sum | (1 << KEY_USAGE[usage]), 0);
  expect(EXTENSION.keyUsage, (v) => AsnConvert.parse(v, KeyUsage).toNumber() === bits, true);
  expect(
    EXTENSION.basicConstraints,
    (v) => {
      const { cA, pathLenConstraint } = AsnConvert.parse(v, BasicConstraints);
      return cA === (profile.authority !== undefined) && pathLenConstraint === profile.authority?.pathLength;
    },
    true,
  );
  const usages = profile.extendedKeyUsage.map((usage) => EXTENDED_KEY_USAGE[usage]);
  if (usages.length > 0) {
    expect(EXTENSION.extendedKeyUsage, (v) => same([...AsnConvert.parse(v, ExtendedKeyUsage)], usages));
  }
  if (profile.extendedKeyUsage.includes('ocspSigning')) expect(EXTENSION.ocspNoCheck, (v) => bytes(v) === '0500');
};

const expectPlaces = ({ parsed }: Body, { issuer }: Yardstick, expect: Expect): void => {
  const list = listPlace(issuer, listNameOf(issuer, parsed.validity.notBefore.getTime()));
  expect(EXTENSION.cRLDistributionPoints, (v) => {
    const [point, ...others] = AsnConvert.parse(v, CRLDistributionPoints);
    const names = point?.distributionPoint?.fullName ?? [];
    const isWhole = point?.reasons === undefined && point?.cRLIssuer === undefined && others.length === 0;
    return isWhole && names.length === 1 && names[0]?.uniformResourceIdentifier === list;
  });
  expect(EXTENSION.authorityInfoAccess, (v) =>
    same(
      [...AsnConvert.parse(v, AuthorityInfoAccessSyntax)].map(
        ({ accessMethod, accessLocation }) => `${accessMethod} ${accessLocation.uniformResourceIdentifier}`,
      ),
      [`${ACCESS.ocsp} ${issuer.places.ocsp}`, `${ACCESS.caIssuers} ${issuer.places.certificate}`],
    ),
  );
};

const COMMON_NAME = '2.5.4.3';
const commonNameOf = ({ parsed }: Body): string =>
  [...parsed.subject].flat().find(({ type }) => type === COMMON_NAME)?.value.utf8String ?? '';
