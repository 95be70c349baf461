import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { invalid, type FieldError, refusal } from '../../kernel/refusal.js';
import {
  BRANCHES_MAX,
  type changePartnerUser,
  type createPartnerUser,
  type deletePartnerUser,
  initialPasswordReissued,
  inOrder,
  type PartnerEvent,
  partnerUserChanged,
  partnerUserCreated,
  partnerUserDeleted,
  partsOf,
  type Role,
  rolesGranted,
  rolesRevoked,
  userIdOf,
} from './messages.js';
import { attributeFaults } from './registration.decider.js';
import { administers, type Member, memberNamed, memberOf, type Partner } from './state.js';

type Decision = Outcome<PartnerEvent>;

const PERMISSION = 'user management';

/** Whoever is no administrator of the own group learns nothing about members, not even whether they exist. */
const asAdministrator = (
  partner: Partner,
  { actor }: Moment,
  decide: (administrator: Member) => Decision,
): Decision => {
  const self = actor.kind === 'user' ? memberOf(partner, actor.id) : undefined;
  return self && administers(self) ? decide(self) : refuse(refusal('NOT_PERMITTED', { permission: PERMISSION }));
};

/** A member of another group does not exist for this administrator. */
const onMember = (partner: Partner, self: Member, userId: string, decide: (member: Member) => Decision): Decision => {
  const member = memberNamed(partner, userId);
  return member?.groupId === self.groupId ? decide(member) : refuse(refusal('NOT_FOUND'));
};

const isLastAdministrator = ({ members }: Partner, { groupId, accountId }: Member): boolean =>
  !members.some((other) => other.groupId === groupId && other.accountId !== accountId && administers(other));

const factsOf = (vendorCode: string, { groupId, accountId, userId }: Member) => ({
  vendorCode,
  groupId,
  accountId,
  userId,
});
const attributesOf = ({ name, mail, secondaryMail }: Omit<Member, 'roles'> | Member) => ({ name, mail, secondaryMail });

/** A user ID begins with the code of the own company, so no two companies can ever want the same one. */
const userIdFaults = (vendorCode: string, userId: string): FieldError[] => {
  if (userId === '') return [{ field: 'userId', rule: 'required' }];
  if (partsOf(userId)?.vendorCode === vendorCode) return [];
  const format = `${userIdOf(vendorCode, 1)}-${userIdOf(vendorCode, BRANCHES_MAX)}`;
  return [{ field: 'userId', rule: 'format', params: { format } }];
};

export const decideCreation = (
  { data }: MessageOf<typeof createPartnerUser>,
  partner: Partner,
  moment: Moment,
): Decision =>
  asAdministrator(partner, moment, ({ groupId }) => {
    const { vendorCode, userId, roles, ...person } = data;
    const faults = [...userIdFaults(vendorCode, userId), ...attributeFaults(data)];
    if (faults.length > 0) return refuse(invalid(faults));
    if (memberNamed(partner, userId)) return refuse(refusal('USER_ID_TAKEN', { userId }));
    const member = { vendorCode, groupId, accountId: derivedId(moment.commandId, 'account'), userId };
    return accept<PartnerEvent>(
      partnerUserCreated({ ...member, ...person }),
      rolesGranted({ ...member, before: [], after: inOrder(roles) }),
    );
  });

const sameRoles = (a: readonly Role[], b: readonly Role[]): boolean => inOrder(a).join() === inOrder(b).join();

/** First what is added, then what is taken, so that each event says the roles before and after it. */
const roleChanges = (facts: ReturnType<typeof factsOf>, before: readonly Role[], wanted: readonly Role[]) => {
  const both = inOrder([...before, ...wanted]);
  const after = inOrder(wanted);
  return [
    ...(sameRoles(before, both) ? [] : [rolesGranted({ ...facts, before: inOrder(before), after: both })]),
    ...(sameRoles(both, after) ? [] : [rolesRevoked({ ...facts, before: both, after })]),
  ];
};

/** A password that went to a wrong address is as good as lost; one that the person chose went nowhere. */
const reissued = (
  facts: ReturnType<typeof factsOf>,
  member: Member,
  { name, mail, credentialId }: MessageOf<typeof changePartnerUser>['data'],
) =>
  member.initialPassword && member.mail !== mail
    ? [initialPasswordReissued({ ...facts, name, mail, credentialId, replacedCredentialId: member.credentialId })]
    : [];

export const decideChange = (
  { data }: MessageOf<typeof changePartnerUser>,
  partner: Partner,
  moment: Moment,
): Decision =>
  asAdministrator(partner, moment, (self) =>
    onMember(partner, self, data.userId, (member) => {
      const faults = attributeFaults(data);
      if (faults.length > 0) return refuse(invalid(faults));
      const loses = administers(member) && !data.roles.includes('GROUP_ADMINISTRATOR');
      if (loses && isLastAdministrator(partner, member)) return refuse(refusal('LAST_GROUP_ADMINISTRATOR'));
      const facts = factsOf(data.vendorCode, member);
      const before = attributesOf(member);
      const after = { name: data.name, mail: data.mail, secondaryMail: data.secondaryMail };
      const changed = JSON.stringify(before) !== JSON.stringify(after);
      return accept<PartnerEvent>(
        ...(changed ? [partnerUserChanged({ ...facts, before, after })] : []),
        ...reissued(facts, member, data),
        ...roleChanges(facts, member.roles, data.roles),
      );
    }),
  );

export const decideDeletion = (
  { data }: MessageOf<typeof deletePartnerUser>,
  partner: Partner,
  moment: Moment,
): Decision =>
  asAdministrator(partner, moment, (self) =>
    onMember(partner, self, data.userId, (member) => {
      if (administers(member) && isLastAdministrator(partner, member))
        return refuse(refusal('LAST_GROUP_ADMINISTRATOR'));
      const { credentialId, roles } = member;
      const facts = factsOf(data.vendorCode, member);
      return accept(partnerUserDeleted({ ...facts, ...attributesOf(member), credentialId, roles: [...roles] }));
    }),
  );
