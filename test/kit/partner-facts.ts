import { type Actor, SYSTEM } from '../../src/kernel/actor.js';
import { partnerDecider } from '../../src/contexts/partners/decider.js';
import * as m from '../../src/contexts/partners/messages.js';
import { specify } from './given.js';

/** What has been recorded of a partner with two offices, for the specs of what may be decided there. */
export const vendorCode = 'A10001';
export const staff: Actor = { kind: 'backOffice', id: 'staff-1', name: 'Sample Staff' };
export const by = (accountId: string): { by: Actor } => ({ by: { kind: 'user', id: accountId, name: accountId } });
export const bySystem = { by: SYSTEM };

export const group = (groupId = 'grp0101', name = 'Sendai') =>
  m.partnerGroupRegistered({
    ...{ vendorCode, groupId, name, companyCode: 'EX001', companyName: 'Example Bridge Construction Co.' },
    ...{ parentGroupId: 'grp01', issueRequestReceivedOn: '2026-06-01', termsConsentReceivedOn: '2026-06-02' },
  });
export const factsOf = (branch: number, groupId = 'grp0101') => ({
  vendorCode,
  groupId,
  accountId: `account-${branch}`,
  userId: m.userIdOf(vendorCode, branch),
});
export const attributes = (branch: number) => ({
  name: `Sample Person ${branch}`,
  mail: `person${branch}@example.com`,
  secondaryMail: null,
});
export const registered = (branch: number, groupId?: string) =>
  m.partnerUserRegistered({
    ...factsOf(branch, groupId),
    ...attributes(branch),
    credentialId: `credential-${branch}`,
  });
export const roles = (branch: number, after: m.Role[], groupId?: string) =>
  m.rolesGranted({ ...factsOf(branch, groupId), before: [], after });
/** Administrator 1 and approver 2 in Sendai, administrator 3 in Tokyo. */
export const offices: m.PartnerEvent[] = [
  group(),
  registered(1),
  roles(1, ['GROUP_ADMINISTRATOR']),
  registered(2),
  roles(2, ['APPROVER']),
  group('grp0102', 'Tokyo'),
  registered(3, 'grp0102'),
  roles(3, ['GROUP_ADMINISTRATOR'], 'grp0102'),
];

export const { given } = specify(partnerDecider, by('account-1').by);

export const registrant = (branch: number, of: m.Role[] = ['GROUP_ADMINISTRATOR']) => ({
  ...attributes(branch),
  roles: of,
  credentialId: `credential-${branch}`,
});
export const registration = (over: object = {}) =>
  m.registerPartnerGroup({
    ...{ vendorCode, companyCode: 'EX001', companyName: 'Example Bridge Construction Co.', companyGroupId: 'grp01' },
    ...{ officeName: 'Sendai', issueRequestReceivedOn: '2026-06-01', termsConsentReceivedOn: '2026-06-02' },
    registrants: [registrant(1), registrant(2)],
    ...over,
  });
export const errorsOf = (outcome: { refusal?: { errors?: readonly { field: string; rule: string }[] } | undefined }) =>
  outcome.refusal?.errors?.map(({ field, rule }) => `${field}:${rule}`);
