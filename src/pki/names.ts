import { unfitForCertificates } from '../kernel/text.js';
import { objectId, printableString, sequence, tlv, TAG, utf8String } from './der/encode.js';

/** Attributes of a distinguished name: type, length limit in characters (X.520), and how it is written. */
export const ATTRIBUTES = {
  country: { oid: '2.5.4.6', max: 2, form: 'printable' },
  stateOrProvince: { oid: '2.5.4.8', max: 128, form: 'utf8' },
  locality: { oid: '2.5.4.7', max: 128, form: 'utf8' },
  organization: { oid: '2.5.4.10', max: 64, form: 'utf8' },
  organizationalUnit: { oid: '2.5.4.11', max: 64, form: 'utf8' },
  commonName: { oid: '2.5.4.3', max: 64, form: 'utf8' },
  surname: { oid: '2.5.4.4', max: 64, form: 'utf8' },
  givenName: { oid: '2.5.4.42', max: 64, form: 'utf8' },
  serialNumber: { oid: '2.5.4.5', max: 64, form: 'printable' },
  businessCategory: { oid: '2.5.4.15', max: 128, form: 'utf8' },
  jurisdictionCountry: { oid: '1.3.6.1.4.1.311.60.2.1.3', max: 2, form: 'printable' },
} as const satisfies Record<string, { oid: string; max: number; form: 'printable' | 'utf8' }>;

export type Attribute = keyof typeof ATTRIBUTES;

/** From the widest to the narrowest, each attribute once: `[['country', 'JP'], …, ['commonName', …]]`. */
export type DistinguishedName = readonly (readonly [Attribute, string])[];

const PRINTABLE = /^[A-Za-z0-9 '()+,./:=?-]+$/;
const COUNTRY = /^[A-Z]{2}$/;
export type NameProblem = Readonly<{
  attribute: Attribute;
  problem: 'EMPTY' | 'TOO_LONG' | 'FORBIDDEN_CHARACTER' | 'REPEATED';
}>;

/** What stands in the way of writing this name into a certificate. */
export const problemsOf = (name: DistinguishedName): NameProblem[] => {
  const problems: NameProblem[] = [];
  const seen = new Set<Attribute>();
  for (const [attribute, value] of name) {
    const { max, form } = ATTRIBUTES[attribute];
    const report = (problem: NameProblem['problem']): void => void problems.push({ attribute, problem });
    if (seen.has(attribute)) report('REPEATED');
    seen.add(attribute);
    if (value.trim() === '') report('EMPTY');
    // Code points, not UTF-16 units: 𠮷 is one character.
    else if ([...value].length > max) report('TOO_LONG');
    else if (value !== value.trim() || unfitForCertificates(value).length > 0) report('FORBIDDEN_CHARACTER');
    else if (form === 'printable' && !PRINTABLE.test(value)) report('FORBIDDEN_CHARACTER');
    else if (/ountry$/.test(attribute) && !COUNTRY.test(value)) report('FORBIDDEN_CHARACTER');
  }
  return problems;
};

export const encodeName = (name: DistinguishedName): Buffer =>
  sequence(
    ...name.map(([attribute, value]) => {
      const { oid, form } = ATTRIBUTES[attribute];
      return tlv(TAG.set, sequence(objectId(oid), form === 'printable' ? printableString(value) : utf8String(value)));
    }),
  );
