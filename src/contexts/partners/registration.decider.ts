import { acceptWithin, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import { dayOf, isDay } from '../../kernel/calendar.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { type FieldError, invalid, refusal } from '../../kernel/refusal.js';
import {
  BRANCHES_MAX,
  inOrder,
  MAIL,
  type PartnerEvent,
  PARTNERS_GROUP,
  partnerGroupRegistered,
  partnerUserRegistered,
  partsOf,
  PERSON_NAME,
  type registerPartnerGroup,
  type Role,
  ROLES,
  rolesGranted,
  TITLE,
  userIdOf,
} from './messages.js';
import type { Partner } from './state.js';

type Registration = MessageOf<typeof registerPartnerGroup>['data'];

export const REGISTRANTS_MAX = 2;

export type Attributes = Readonly<{ name: string; mail: string; secondaryMail: string | null; roles: readonly Role[] }>;

/** Every broken rule of what is said about a person; `at` is where the form keeps it. */
export const attributeFaults = ({ name, mail, secondaryMail, roles }: Attributes, at = ''): FieldError[] => [
  ...validate(`${at}name`, name, PERSON_NAME),
  ...validate(`${at}mail`, mail, MAIL),
  ...(secondaryMail === null ? [] : validate(`${at}secondaryMail`, secondaryMail, MAIL)),
  ...(roles.length > 0
    ? []
    : [{ field: `${at}roles`, rule: 'atLeastOne', params: { values: ROLES.join(', ') } } as const]),
];

const paperFaults = (field: string, receivedOn: string | null, now: Date): FieldError[] => {
  if (receivedOn === null) return [];
  if (!isDay(receivedOn)) return [{ field, rule: 'format', params: { format: 'YYYY-MM-DD' } }];
  // What has not come in yet is missing, whatever the form says.
  return receivedOn > dayOf(now) ? [{ field, rule: 'notInFuture' }] : [];
};

const registrantFaults = (registrants: Registration['registrants']): FieldError[] => {
  const count = registrants.length;
  const faults = registrants.flatMap((person, index) => attributeFaults(person, `registrants.${index}.`));
  if (count >= 1 && count <= REGISTRANTS_MAX) return faults;
  return [{ field: 'registrants', rule: 'count', params: { min: 1, max: REGISTRANTS_MAX } }, ...faults];
};

const faultsOf = (data: Registration, now: Date): FieldError[] => [
  ...(data.officeName === null ? [] : validate('officeName', data.officeName, TITLE)),
  ...paperFaults('issueRequestReceivedOn', data.issueRequestReceivedOn, now),
  ...paperFaults('termsConsentReceivedOn', data.termsConsentReceivedOn, now),
  ...registrantFaults(data.registrants),
];

const missingPapers = ({ issueRequestReceivedOn, termsConsentReceivedOn }: Registration): string[] => [
  ...(issueRequestReceivedOn === null ? ['initialUserIdIssueRequest'] : []),
  ...(termsConsentReceivedOn === null ? ['termsOfUseConsent'] : []),
];

/** The company itself where it has one place; otherwise the next number under it. */
const newGroupOf = ({ groups }: Partner, { companyGroupId, companyName, officeName }: Registration) => {
  if (officeName === null) return { groupId: companyGroupId, name: companyName, parentGroupId: PARTNERS_GROUP };
  const offices = groups.filter(({ groupId }) => groupId !== companyGroupId).length;
  const groupId = companyGroupId + String(offices + 1).padStart(2, '0');
  return { groupId, name: officeName, parentGroupId: companyGroupId };
};

const BRANCHES = Array.from({ length: BRANCHES_MAX }, (_, index) => index + 1);

/**
 * The lowest numbers that nobody ever had. An administrator may have created any number, so the highest says nothing;
 * and only where those have run out do the numbers of deleted users come again, as they do for administrators.
 */
const freeBranches = ({ usedBranches, members }: Partner): readonly number[] => {
  const taken = new Set(members.map(({ userId }) => partsOf(userId)?.branch));
  const never = BRANCHES.filter((branch) => !usedBranches.has(branch));
  return [...never, ...BRANCHES.filter((branch) => usedBranches.has(branch) && !taken.has(branch))];
};

const registrantsJoin = (
  data: Registration,
  groupId: string,
  branches: readonly number[],
  commandId: string,
): PartnerEvent[] =>
  data.registrants.flatMap(({ roles, ...person }, index) => {
    const accountId = derivedId(commandId, 'account', String(index));
    const { vendorCode } = data;
    const member = { vendorCode, groupId, accountId, userId: userIdOf(vendorCode, branches[index]!) };
    return [
      partnerUserRegistered({ ...member, ...person }),
      rolesGranted({ ...member, before: [], after: inOrder(roles) }),
    ];
  });

export const decideRegistration = (
  data: Registration,
  partner: Partner,
  { now, commandId }: Moment,
): Outcome<PartnerEvent> => {
  const faults = faultsOf(data, now);
  if (faults.length > 0) return refuse(invalid(faults));
  const missing = missingPapers(data);
  if (missing.length > 0) return refuse(refusal('DOCUMENT_MISSING', { documents: missing.join(', ') }));
  if (!data.registrants.some(({ roles }) => roles.includes('GROUP_ADMINISTRATOR')))
    return refuse(refusal('GROUP_ADMINISTRATOR_NEEDED'));
  const { vendorCode, companyCode, companyName } = data;
  const { groupId, name, parentGroupId } = newGroupOf(partner, data);
  const taken = partner.groups.some((group) => group.groupId === groupId || group.name === name);
  if (taken) return refuse(refusal('PARTNER_GROUP_EXISTS', { name }));
  const branches = freeBranches(partner);
  if (partner.groups.length >= BRANCHES_MAX || branches.length < data.registrants.length)
    return refuse(refusal('USER_LIMIT', { max: BRANCHES_MAX, scope: vendorCode }));
  // The office is a tenant of its own; which one it is, is settled only here.
  return acceptWithin(
    groupId,
    partnerGroupRegistered({
      ...{ vendorCode, groupId, companyCode, companyName, name, parentGroupId },
      issueRequestReceivedOn: data.issueRequestReceivedOn!,
      termsConsentReceivedOn: data.termsConsentReceivedOn!,
    }),
    ...registrantsJoin(data, groupId, branches, commandId),
  );
};
