import type { MessageOf } from '../../kernel/message.js';
import { certificateNameFaults, type Policy, validate } from '../../kernel/policies.js';
import { type FieldError, type Refusal, refusal } from '../../kernel/refusal.js';
import type { RuleName } from '../../kernel/rules.js';
import { hasControlCharacter, isHalfWidth, lengthOf } from '../../kernel/text.js';
import { oldFormsIn } from './glyphs.decider.js';
import type { HolderUser, submitIssuanceApplication } from './messages.js';
import { mailFaults, sameMail } from './registration.decider.js';
import type { Registration } from './state.js';

export type Entered = Omit<
  MessageOf<typeof submitIssuanceApplication>['data'],
  'applicationId' | 'linkId' | 'holderUser' | 'applicantVendors'
>;

const name = (max: number): Policy => ({ kind: 'name', policy: { min: 1, max } });
/** What the subject of a certificate can hold (X.520). */
const COMPANY_NAME: Policy = { kind: 'name', policy: { min: 1, max: 64, inCertificates: true } };
const KANA_MAX = 128;
const PERSON_MAX = 32;
const USER_ID_MAX = 64;
const PHONE_MAX = 20;
/** With the prefix `BN-` exactly the 64 characters of a common name. */
export const DISPLAY_NAME_MAX = 61;

const BRANCH_WORDS = ['支店', '営業所', '支社', '出張所', '事業所'];
/** Full-width katakana with the long mark and the middle dot; a company's may have a full-width space. */
const KATAKANA = /^[ァ-ヺー・]+$/;
const COMPANY_KATAKANA = /^[ァ-ヺー・\u3000]+$/;
const DISPLAY_NAME = /^[A-Z][a-z0-9]*(\.[A-Z][a-z0-9]*)+(\([A-Za-z0-9.]+\))?$/;
const PHONE = /^[0-9]+(-[0-9]+)*$/;

const fault = (field: string, rule: RuleName, params?: FieldError['params']): FieldError => ({
  field,
  rule,
  ...(params ? { params } : {}),
});

/** The general rules first; the special one only where there is something to judge. */
const judged = (
  field: string,
  value: string,
  policy: Policy,
  special: (value: string) => readonly FieldError[],
): FieldError[] => {
  const general = validate(field, value, policy);
  return general.some(({ rule }) => rule === 'required') ? general : [...general, ...special(value)];
};

const companyNameFaults = (value: string): FieldError[] =>
  judged('companyName', value, COMPANY_NAME, () => {
    const word = BRANCH_WORDS.find((candidate) => value.includes(candidate));
    return word === undefined ? [] : [fault('companyName', 'BRANCH_NAME_NOT_ALLOWED', { word })];
  });

const personFaults = (field: string, value: string): FieldError[] =>
  judged(field, value, name(PERSON_MAX), () => {
    const old = oldFormsIn(value);
    // The special rule names the standard form, where there is one; of an unseen character the general rule told.
    if (old) return [fault(field, 'OLD_FORM_GLYPH', old)];
    return hasControlCharacter(value) ? [] : certificateNameFaults(value).map((broken) => ({ field, ...broken }));
  });

const kanaFaults = (field: string, value: string, max: number, form: RegExp): FieldError[] =>
  judged(field, value, name(max), () => (form.test(value) ? [] : [fault(field, 'katakana')]));

const displayNameFaults = (value: string): FieldError[] => {
  const field = 'displayName';
  if (value === '') return [fault(field, 'required')];
  return [
    ...(lengthOf(value) > DISPLAY_NAME_MAX ? [fault(field, 'maxLength', { max: DISPLAY_NAME_MAX })] : []),
    ...(DISPLAY_NAME.test(value) ? [] : [fault(field, isHalfWidth(value) ? 'certificateName' : 'halfWidth')]),
  ];
};

const phoneFaults = (value: string): FieldError[] =>
  judged('contactPhone', value, name(PHONE_MAX), () => (PHONE.test(value) ? [] : [fault('contactPhone', 'phone')]));

/** Every broken rule of the form at once, in the order of the form (EC-37, 39 … 44). */
export const detailsFaults = (entered: Entered): FieldError[] => [
  ...companyNameFaults(entered.companyName),
  ...kanaFaults('companyNameKana', entered.companyNameKana, KANA_MAX, COMPANY_KATAKANA),
  ...personFaults('familyName', entered.familyName),
  ...personFaults('givenName', entered.givenName),
  ...kanaFaults('familyNameKana', entered.familyNameKana, PERSON_MAX, KATAKANA),
  ...kanaFaults('givenNameKana', entered.givenNameKana, PERSON_MAX, KATAKANA),
  ...validate('holderUserId', entered.holderUserId, name(USER_ID_MAX)),
  ...mailFaults('holderMail', entered.holderMail),
  ...displayNameFaults(entered.displayName),
  ...phoneFaults(entered.contactPhone),
];

/** The owner's company code is shared by all its partners: what an agent of one of them names must be of that one. */
const isStranger = (
  { vendorCode, companyCode }: HolderUser,
  registration: Registration,
  applicantVendors: readonly string[],
): boolean => {
  if (companyCode !== registration.companyCode) return true;
  // An agent who is no user of any partner may act for all of them; the holder still has to approve.
  return applicantVendors.length > 0 && !applicantVendors.includes(vendorCode);
};

/** Who may be holder (EC-38, 41, 42, 60): judged once the form itself is right. */
export const holderFault = (
  { holderMail }: Pick<Entered, 'holderMail'>,
  registration: Registration,
  holder: HolderUser | null,
  applicantVendors: readonly string[],
): Refusal | null => {
  const { applicantType, applicantMail } = registration;
  const agent = applicantType === 'agent';
  if (!holder || isStranger(holder, registration, agent ? applicantVendors : [])) return refusal('USER_ID_NOT_FOUND');
  // Before the roles: whoever enters the own ID by mistake is told of that mistake.
  if (agent && holder.mails.some((mail) => sameMail(mail, applicantMail))) return refusal('AGENT_USER_ID');
  if (!holder.roles.includes('SIGNER')) return refusal('HOLDER_NOT_SIGNER');
  const same = sameMail(holderMail, applicantMail);
  if (agent && same) return refusal('HOLDER_MAIL_IS_AGENT');
  if (!agent && !same) return refusal('HOLDER_MAIL_DIFFERS');
  // The approval is asked for at this address: at any other one, somebody else could approve in the holder's name.
  return holder.mails.some((mail) => sameMail(mail, holderMail)) ? null : refusal('HOLDER_MAIL_UNKNOWN');
};
