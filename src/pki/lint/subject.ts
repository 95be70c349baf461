import type { AttributeTypeAndValue } from '@peculiar/asn1-x509';
import { ATTRIBUTES, encodeName, problemsOf, type Attribute, type NameProblem } from '../names.js';
import type { Body } from './body.js';
import type { FindingCode, Report, Yardstick } from './finding.js';

const byObjectId = new Map(
  (Object.keys(ATTRIBUTES) as Attribute[]).map((attribute) => [ATTRIBUTES[attribute].oid as string, attribute]),
);

const CODES: Readonly<Record<NameProblem['problem'], FindingCode>> = {
  EMPTY: 'SUBJECT_ATTRIBUTE_EMPTY',
  TOO_LONG: 'SUBJECT_ATTRIBUTE_TOO_LONG',
  FORBIDDEN_CHARACTER: 'SUBJECT_ATTRIBUTE_CHARACTER',
  REPEATED: 'SUBJECT_ATTRIBUTE_REPEATED',
};

export const lintSubject = ({ subject, subjectBytes }: Body, { profile }: Yardstick, report: Report): void => {
  const { required, optional, commonName } = profile.subject;
  const name: [Attribute, string][] = [];
  for (const relative of subject) {
    const [single, ...others] = relative;
    const attribute = byObjectId.get(single?.type ?? '');
    if (single === undefined || others.length > 0 || attribute === undefined) {
      report('SUBJECT_ATTRIBUTE_NOT_ALLOWED', single?.type ?? 'empty');
      continue;
    }
    name.push([attribute, textOf(single, ATTRIBUTES[attribute].form)]);
  }
  // What was read, written again: the same bytes, or some of them are not what they seem.
  if (!encodeName(name).equals(subjectBytes)) report('SUBJECT_FORM');
  for (const { attribute, problem } of problemsOf(name)) report(CODES[problem], attribute);
  const present = new Set(name.map(([attribute]) => attribute));
  for (const attribute of required) if (!present.has(attribute)) report('SUBJECT_ATTRIBUTE_MISSING', attribute);
  for (const attribute of present) {
    if (!required.includes(attribute) && !optional.includes(attribute)) {
      report('SUBJECT_ATTRIBUTE_NOT_ALLOWED', attribute);
    }
  }
  if (commonName !== undefined && !commonName.test(commonNameIn(name))) report('COMMON_NAME_FORM');
};

const textOf = ({ value }: AttributeTypeAndValue, form: 'printable' | 'utf8'): string =>
  (form === 'printable' ? value.printableString : value.utf8String) ?? '';

const commonNameIn = (name: readonly (readonly [Attribute, string])[]): string =>
  name.find(([attribute]) => attribute === 'commonName')?.[1] ?? '';
