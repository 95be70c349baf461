import type { IdPolicy, LinkPolicy, LockPolicy, NamePolicy, OtpPolicy, PasswordPolicy } from './policies.js';

export const SERVICES = [
  'client-portal',
  'bulk-signature',
  'e-contract',
  'server-certificate',
  'corporate-banking',
] as const;
export type Service = (typeof SERVICES)[number];

/** Null where the service has no such thing; the rules are those of spec 6 §4. */
export type ServicePolicy = Readonly<{
  loginId: IdPolicy | null;
  password: PasswordPolicy | null;
  secondSecret: PasswordPolicy | null;
  otp: OtpPolicy | null;
  link: LinkPolicy | null;
  lock: LockPolicy;
  name: NamePolicy | null;
}>;

/** Implied by a real service and the same for all: five tries, half an hour or a release by hand. */
const lock: LockPolicy = { failuresMax: 5, lockMinutes: 30 };

const lettersAndDigits = { mandatory: ['letter', 'digit'], symbolsAllowed: false, forbiddenChars: '' } as const;
const anyLettersOrDigits = { ...lettersAndDigits, mandatory: [] } as const;

export const POLICIES: Readonly<Record<Service, ServicePolicy>> = {
  'client-portal': {
    loginId: { min: 4, max: 32, letterCase: 'lower', symbols: '.-_', lettersAndDigits: false },
    password: { min: 7, max: 32, mandatory: ['letter', 'digit', 'symbol'], symbolsAllowed: true, forbiddenChars: '"' },
    secondSecret: null,
    otp: null,
    link: null,
    lock,
    name: { min: 1, max: 32 },
  },
  'bulk-signature': {
    loginId: null,
    password: null,
    secondSecret: { ...anyLettersOrDigits, min: 6, max: 20 },
    otp: { digits: 6, lifeMinutes: 10, triesMax: 5, askedAt: 'everyLogin' },
    link: null,
    lock,
    name: null,
  },
  'e-contract': {
    loginId: null,
    password: { ...lettersAndDigits, min: 8, max: 64, symbolsAllowed: true },
    secondSecret: { ...anyLettersOrDigits, min: 12, max: 12 },
    otp: null,
    link: { lifeDays: 3, uses: 'once' },
    lock,
    name: null,
  },
  'server-certificate': {
    loginId: null,
    password: null,
    secondSecret: null,
    otp: { digits: 6, lifeMinutes: 24 * 60, triesMax: 5, askedAt: 'mailLogin' },
    link: null,
    lock,
    name: null,
  },
  'corporate-banking': {
    loginId: { min: 6, max: 12, letterCase: 'any', symbols: '', lettersAndDigits: true },
    password: { ...lettersAndDigits, min: 6, max: 12 },
    secondSecret: { ...lettersAndDigits, min: 6, max: 12 },
    otp: null,
    link: null,
    lock,
    name: { min: 1, max: 30 },
  },
};
