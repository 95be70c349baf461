import type { FieldError, Parameters } from './refusal.js';
import type { RuleName } from './rules.js';
import { hasControlCharacter, isBlank, isHalfWidth, lengthOf, unfitForCertificates, withoutLayout } from './text.js';

export type CharacterClass = 'letter' | 'digit' | 'symbol';

/** What a secret that a person types must look like. */
export type PasswordPolicy = Readonly<{
  min: number;
  max: number;
  /** Each of these must occur at least once. */
  mandatory: readonly CharacterClass[];
  symbolsAllowed: boolean;
  forbiddenChars: string;
}>;

export type IdPolicy = Readonly<{
  min: number;
  max: number;
  letterCase: 'lower' | 'upper' | 'any';
  /** The only symbols allowed. */
  symbols: string;
  /** Whether letters and digits must both occur. */
  lettersAndDigits: boolean;
}>;

export type MailPolicy = Readonly<{ min: number; max: number }>;
export type NamePolicy = Readonly<{
  min: number;
  max: number;
  /** Whether it must be able to stand in a certificate, where no character has two forms. */
  inCertificates?: boolean;
}>;
export type OtpPolicy = Readonly<{
  digits: number;
  lifeMinutes: number;
  triesMax: number;
  askedAt: 'everyLogin' | 'mailLogin';
}>;
export type LinkPolicy = Readonly<{ lifeDays: number; uses: 'once' }>;
/** After `failuresMax` wrong answers in a row nobody new may try for `lockMinutes`. */
export type LockPolicy = Readonly<{ failuresMax: number; lockMinutes: number }>;

type Broken = Readonly<{ rule: RuleName; params?: Parameters }>;

const broken = (rule: RuleName, params?: Parameters): Broken => (params ? { rule, params } : { rule });

const lengthFaults = (value: string, { min, max }: { min: number; max: number }): Broken[] => {
  if (value === '') return [broken('required')];
  const length = lengthOf(value);
  if (length < min) return [broken('minLength', { min })];
  return length > max ? [broken('maxLength', { max })] : [];
};

const widthFaults = (value: string): Broken[] => [
  ...(/\s/u.test(value) ? [broken('noSpace')] : []),
  ...(isHalfWidth(value.replace(/\s/gu, '')) ? [] : [broken('halfWidth')]),
];

const CLASS: Readonly<Record<CharacterClass, RegExp>> = {
  letter: /[A-Za-z]/,
  digit: /[0-9]/,
  // Every printable ASCII character that is neither a letter, a digit nor the space.
  symbol: /[!-/:-@[-`{-~]/,
};

export const passwordFaults = (policy: PasswordPolicy, value: string): Broken[] => {
  const length = lengthFaults(value, policy);
  if (value === '') return length;
  const missing = policy.mandatory.filter((name) => !CLASS[name].test(value));
  const forbidden = [...policy.forbiddenChars].filter((character) => value.includes(character));
  return [
    ...length,
    ...missing.map((name) => broken(name)),
    ...(!policy.symbolsAllowed && CLASS.symbol.test(value) ? [broken('noSymbol')] : []),
    ...(forbidden.length > 0 ? [broken('forbiddenCharacter', { characters: forbidden.join(' ') })] : []),
    ...widthFaults(value),
  ];
};

export const idFaults = (policy: IdPolicy, value: string): Broken[] => {
  const length = lengthFaults(value, policy);
  if (value === '') return length;
  const stray = [...value].some((c) => CLASS.symbol.test(c) && !policy.symbols.includes(c));
  return [
    ...length,
    ...(policy.letterCase === 'lower' && /[A-Z]/.test(value) ? [broken('noUpperCase')] : []),
    ...(policy.letterCase === 'upper' && /[a-z]/.test(value) ? [broken('format', { format: 'A-Z 0-9' })] : []),
    ...(stray && policy.symbols !== ''
      ? [broken('allowedCharacters', { characters: [...policy.symbols].join(' ') })]
      : []),
    ...(stray && policy.symbols === '' ? [broken('noSymbol')] : []),
    ...(policy.lettersAndDigits && !CLASS.letter.test(value) ? [broken('letter')] : []),
    ...(policy.lettersAndDigits && !CLASS.digit.test(value) ? [broken('digit')] : []),
    ...widthFaults(value),
  ];
};

export const nameFaults = (policy: NamePolicy, value: string): Broken[] => {
  // A name of spaces alone reads as empty to everyone who looks for it.
  if (isBlank(value)) return [broken('required')];
  const unseen = hasControlCharacter(value) ? [broken('noControlCharacter')] : [];
  const unfit = policy.inCertificates && unseen.length === 0 ? certificateNameFaults(value) : [];
  return [...lengthFaults(value, policy), ...unseen, ...unfit];
};

/** 福 (U+FA1B): whoever reads it sees nothing wrong, so the code is told as well. */
const told = (characters: string): string => {
  const codes = [...characters].map((one) => `U+${one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
  const isSeen = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u.test(characters);
  return isSeen ? `${characters} (${codes.join(' ')})` : codes.join(' ');
};

/** What would be found only when the certificate is signed, told where the name is entered. */
export const certificateNameFaults = (value: string): Broken[] => {
  const unfit = unfitForCertificates(value);
  return unfit.length === 0 ? [] : [broken('certificateCharacters', { characters: unfit.map(told).join(', ') })];
};

/** What people write in sentences: a reason, a note. It may have lines, for people write them. */
export const proseFaults = (policy: NamePolicy, value: string): Broken[] => {
  if (isBlank(value)) return [broken('required')];
  const hidden = hasControlCharacter(withoutLayout(value));
  return [...lengthFaults(value, policy), ...(hidden ? [broken('noControlCharacter')] : [])];
};

const LOCAL_PART = "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** What mail systems exchange today: no quotes, no comments, a domain of at least two names. */
const ADDRESS = new RegExp(`^${LOCAL_PART}@(?:${LABEL}\\.)+${LABEL}$`);

export const mailFaults = (policy: MailPolicy, value: string): Broken[] => {
  if (value === '') return [broken('required')];
  if (lengthOf(value) > policy.max) return [broken('maxLength', { max: policy.max })];
  return ADDRESS.test(value) ? [] : [broken('mail')];
};

export type Policy =
  | Readonly<{ kind: 'password'; policy: PasswordPolicy }>
  | Readonly<{ kind: 'id'; policy: IdPolicy }>
  | Readonly<{ kind: 'mail'; policy: MailPolicy }>
  | Readonly<{ kind: 'name'; policy: NamePolicy }>
  | Readonly<{ kind: 'prose'; policy: NamePolicy }>;

/** The one validator: every broken rule of the value, each naming the field. */
export const validate = (field: string, value: string, by: Policy): FieldError[] => {
  const faults = (() => {
    switch (by.kind) {
      case 'password':
        return passwordFaults(by.policy, value);
      case 'id':
        return idFaults(by.policy, value);
      case 'mail':
        return mailFaults(by.policy, value);
      case 'name':
        return nameFaults(by.policy, value);
      case 'prose':
        return proseFaults(by.policy, value);
    }
  })();
  return faults.map((fault) => ({ field, ...fault }));
};
