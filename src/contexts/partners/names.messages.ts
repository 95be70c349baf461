import type { IdPolicy, Policy } from '../../kernel/policies.js';
import { derivedId } from '../../kernel/ids.js';

export const SERVICE = 'e-contract';

/** In the order in which people read them; stored lists keep this order, so that equal sets are equal lists. */
export const ROLES = ['GROUP_ADMINISTRATOR', 'DEFAULT_PRIMARY_PERSON', 'APPROVER', 'SIGNER'] as const;
export type Role = (typeof ROLES)[number];

export const inOrder = (roles: readonly Role[]): Role[] => ROLES.filter((role) => roles.includes(role));

/** Codes that the owner company gives out; they stand in stream names and at the head of every user ID. */
export const COMPANY_CODE: IdPolicy = { min: 3, max: 16, letterCase: 'upper', symbols: '', lettersAndDigits: false };
/** As somebody types it who was told one: the form alone is judged, whether there is such a company comes after. */
export const TYPED_COMPANY_CODE: Policy = {
  kind: 'id',
  policy: { min: 1, max: 32, letterCase: 'any', symbols: '', lettersAndDigits: false },
};
export const VENDOR_CODE: IdPolicy = { min: 3, max: 12, letterCase: 'upper', symbols: '', lettersAndDigits: false };
/** A partner's name stands in the certificates of its people, which hold no more (X.520). */
export const PARTNER_NAME: Policy = { kind: 'name', policy: { min: 1, max: 64, inCertificates: true } };
/** Names of owner companies and of offices. */
export const TITLE: Policy = { kind: 'name', policy: { min: 1, max: 100 } };
export const PERSON_NAME: Policy = { kind: 'name', policy: { min: 1, max: 64 } };
export const MAIL: Policy = { kind: 'mail', policy: { min: 3, max: 254 } };

/** The parent of every partner company in the group tree. */
export const PARTNERS_GROUP = 'partners';

const BRANCH_DIGITS = 2;
export const BRANCHES_MAX = 10 ** BRANCH_DIGITS - 1;
const VENDOR = /^[A-Z0-9]{3,12}$/;
const USER_ID = /^([A-Z0-9]{3,12})([0-9]{2})$/;

/** Vendor code and branch number: whoever reads a user ID knows the stream of its company. */
export const userIdOf = (vendorCode: string, branch: number): string =>
  vendorCode + String(branch).padStart(BRANCH_DIGITS, '0');

/** The parts of a user ID, null where the text cannot be one. */
export const partsOf = (userId: string): Readonly<{ vendorCode: string; branch: number }> | null => {
  const [, vendorCode, digits] = USER_ID.exec(userId) ?? [];
  return vendorCode === undefined || Number(digits) === 0 ? null : { vendorCode, branch: Number(digits) };
};

export const partnerStream = (vendorCode: string): string => `partner-${vendorCode}`;
export const DIRECTORY_STREAM = `partnerDirectory-${SERVICE}`;

const SEPARATOR = '.';

/** Begins with the vendor code, so that whoever follows the link is led to the stream that knows it; names no person. */
export const resetLinkIdOf = (vendorCode: string, requestEventId: string): string =>
  vendorCode + SEPARATOR + derivedId('reset link', requestEventId);

/** The company in whose stream the link stands; null where the text is no link of ours. */
export const resetLinkCompany = (linkId: string): string | null => {
  const [vendorCode, rest] = linkId.split(SEPARATOR, 2);
  return rest !== undefined && VENDOR.test(vendorCode!) ? vendorCode! : null;
};

/** The process of one notice: the account and the initial password that it tells of, which may be issued anew. */
export const registrationIdOf = (vendorCode: string, accountId: string, credentialId: string): string =>
  [vendorCode, accountId, credentialId].join(SEPARATOR);

type Registration = Readonly<{ vendorCode: string; accountId: string; credentialId: string }>;

export const registrationNamed = (processId: string): Registration | null => {
  const [vendorCode, accountId, credentialId] = processId.split(SEPARATOR);
  return accountId !== undefined && credentialId !== undefined && VENDOR.test(vendorCode!)
    ? { vendorCode: vendorCode!, accountId, credentialId }
    : null;
};
