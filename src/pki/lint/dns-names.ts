import { AsnConvert } from '@peculiar/asn1-schema';
import { SubjectAlternativeName } from '@peculiar/asn1-x509';
import { children, elementAt, expectTag } from '../der/decode.js';
import { TAG } from '../der/encode.js';
import { EXTENSION } from '../object-ids.js';
import type { Profile } from '../profiles/profile.js';
import type { Body } from './body.js';
import type { Report } from './finding.js';

const DNS_NAMES_MAX = 100;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const NAME_MAX = 253;

const isHostName = (name: string): boolean => {
  const labels = name.split('.');
  // An IPv4 address has a number for its last label; a top-level domain never is one.
  return (
    name.length <= NAME_MAX && labels.length >= 2 && labels.every((l) => LABEL.test(l)) && !/^\d+$/.test(labels.at(-1)!)
  );
};

/** Host names in lower case; a wildcard, where allowed, stands for the whole first label of at least three. */
const isDnsNameAllowed = (name: string, rule: Profile['dnsNames']): boolean => {
  if (rule === 'none') return false;
  if (!name.startsWith('*.')) return isHostName(name);
  return rule === 'exact-or-wildcard' && isHostName(name.slice(2));
};

/** Those of the body's subject alternative name; empty for whatever is no host name there. */
export const dnsNamesIn = ({ extensions }: Body): string[] => {
  const alternatives = extensions.find(({ id }) => id === EXTENSION.subjectAltName);
  if (alternatives === undefined) return [];
  const value = expectTag(children(elementAt(alternatives.raw)).at(-1), TAG.octetString).content;
  return [...AsnConvert.parse(value, SubjectAlternativeName)].map(({ dNSName }) => dNSName ?? '');
};

export const lintDnsNames = (
  names: readonly string[],
  commonName: string,
  rule: Profile['dnsNames'],
  report: Report,
): void => {
  const isFine =
    names.length <= DNS_NAMES_MAX &&
    new Set(names).size === names.length &&
    names.every((name) => isDnsNameAllowed(name, rule));
  if (!isFine) report('DNS_NAME');
  if (!names.includes(commonName)) report('COMMON_NAME_NOT_IN_DNS_NAMES');
};
