import { keyIdentifierOf } from '../authorities/authority.js';
import { publicKeyBits } from '../keys/public-key-bits.js';
import { children, elementAt } from '../der/decode.js';
import { EXTENSION } from '../object-ids.js';
import { listNameOf } from '../revocation/list-name.js';
import { dnsNamesIn, lintDnsNames } from './dns-names.js';
import { ofDnsNames, ofIssuer, ofList, ofProfile, ofSubjectKey, type Expected } from './expected-extensions.js';
import type { Body } from './body.js';
import type { Report, Yardstick } from './finding.js';

/** Exactly these extensions with exactly these bytes; whatever else stands there was not meant to be signed. */
export const lintExtensions = (body: Body, yardstick: Yardstick, report: Report): void => {
  const expected = expectedOf(body, yardstick, report);
  const seen = new Set<string>();
  for (const { id, raw } of body.extensions) {
    if (seen.has(id)) report('EXTENSION_REPEATED', id);
    seen.add(id);
    const wanted = expected.get(id);
    if (wanted === undefined) report('EXTENSION_NOT_ALLOWED', id);
    else if (!raw.equals(wanted)) {
      report(isCritical(raw) === isCritical(wanted) ? 'EXTENSION_VALUE' : 'EXTENSION_CRITICALITY', id);
    }
  }
  for (const id of expected.keys()) if (!seen.has(id)) report('EXTENSION_MISSING', id);
};

const expectedOf = (body: Body, yardstick: Yardstick, report: Report): Expected => {
  const { profile, issuer } = yardstick;
  const ofThisIssuer = ofIssuer(issuer);
  const expected = new Map(ofProfile(profile));
  const subjectKey = keyIdentifierOf(publicKeyBits(body.spki));
  expected.set(EXTENSION.subjectKeyIdentifier, ofSubjectKey(subjectKey));
  expected.set(EXTENSION.authorityKeyIdentifier, ofThisIssuer.get(EXTENSION.authorityKeyIdentifier)!);
  if (profile.statusPlaces) {
    const listName = listNameOf(issuer, body.notBefore);
    expected.set(EXTENSION.cRLDistributionPoints, ofList(issuer, listName));
    expected.set(EXTENSION.authorityInfoAccess, ofThisIssuer.get(EXTENSION.authorityInfoAccess)!);
  }
  if (profile.dnsNames !== 'none') {
    const names = dnsNamesIn(body);
    lintDnsNames(names, commonNameOf(body), profile.dnsNames, report);
    expected.set(EXTENSION.subjectAltName, ofDnsNames(names));
  }
  return expected;
};

/** `SEQUENCE { id, BOOLEAN, value }` rather than `SEQUENCE { id, value }`. */
const isCritical = (extension: Buffer): boolean => children(elementAt(extension)).length === 3;

const COMMON_NAME = '2.5.4.3';
const commonNameOf = ({ subject }: Body): string =>
  [...subject].flat().find(({ type }) => type === COMMON_NAME)?.value.utf8String ?? '';
