import { unreachable } from '../../kernel/decider.js';
import type { PartnerEvent, Role } from './messages.js';
import { inOrder, partsOf } from './messages.js';

export type ResetLink = Readonly<{ linkId: string; expiresAt: string }>;

export type Member = Readonly<{
  accountId: string;
  userId: string;
  groupId: string;
  name: string;
  mail: string;
  secondaryMail: string | null;
  roles: readonly Role[];
  credentialId: string;
  /** True until the person has chosen a password. */
  initialPassword: boolean;
  /** The initial password that the newest notice tells of, and whether that mail went out. */
  notice: Readonly<{ credentialId: string; sent: boolean }>;
  resetLinks: readonly ResetLink[];
}>;

export type Group = Readonly<{ groupId: string; name: string; parentGroupId: string }>;

export type IssuedReset = Readonly<{ mail: string; expiresAt: string }>;

export type Partner = Readonly<{
  companyCode: string | null;
  companyName: string;
  groups: readonly Group[];
  members: readonly Member[];
  /** The branch numbers that were ever given out, by whomever. */
  usedBranches: ReadonlySet<number>;
  /** The newest links that were issued for anybody here, oldest first; only as many as the bounds look at. */
  newestResets: readonly IssuedReset[];
}>;

export const noPartner: Partner = {
  companyCode: null,
  companyName: '',
  groups: [],
  members: [],
  usedBranches: new Set(),
  newestResets: [],
};

export const memberOf = (partner: Partner, accountId: string): Member | undefined =>
  partner.members.find((member) => member.accountId === accountId);

export const memberNamed = (partner: Partner, userId: string): Member | undefined =>
  partner.members.find((member) => member.userId === userId);

export const administers = ({ roles }: Member): boolean => roles.includes('GROUP_ADMINISTRATOR');

const change = (partner: Partner, accountId: string, to: (member: Member) => Partial<Member>): Partner => ({
  ...partner,
  members: partner.members.map((member) => (member.accountId === accountId ? { ...member, ...to(member) } : member)),
});

type Joined = Extract<PartnerEvent, { type: 'partners.PartnerUserRegistered' | 'partners.PartnerUserCreated' }>;

const initial = (credentialId: string) => ({
  credentialId,
  initialPassword: true,
  notice: { credentialId, sent: false },
});

const joined = (partner: Partner, { vendorCode: _, ...person }: Joined['data']): Partner => ({
  ...partner,
  members: [
    ...partner.members,
    { ...person, ...initial(person.credentialId), roles: [], resetLinks: [] } satisfies Member,
  ],
  usedBranches: new Set([...partner.usedBranches, partsOf(person.userId)?.branch ?? 0]),
});

/** A password of the person's own: whatever could still set another one has lost its force. */
const proven = (credentialId: string) => ({ credentialId, initialPassword: false, resetLinks: [] });

/** Who asks again and again keeps the newest links. */
const RESET_LINKS_MAX = 5;
/** How many links one company may be sent in an hour, whoever of it was named. */
export const COMPANY_RESETS_MAX = 20;

type Issued = Extract<PartnerEvent, { type: 'partners.PasswordResetLinkIssued' }>['data'];

const linkIssued = (partner: Partner, { accountId, linkId, mail, expiresAt }: Issued): Partner => ({
  ...change(partner, accountId, ({ resetLinks }) => ({
    resetLinks: [...resetLinks, { linkId, expiresAt }].slice(-RESET_LINKS_MAX),
  })),
  newestResets: [...partner.newestResets, { mail, expiresAt }].slice(-COMPANY_RESETS_MAX),
});

export const evolve = (partner: Partner, { type, data }: PartnerEvent): Partner => {
  switch (type) {
    case 'partners.PartnerGroupRegistered': {
      const { companyCode, companyName, groupId, name, parentGroupId } = data;
      return { ...partner, companyCode, companyName, groups: [...partner.groups, { groupId, name, parentGroupId }] };
    }
    case 'partners.PartnerUserRegistered':
    case 'partners.PartnerUserCreated':
      return joined(partner, data);
    case 'partners.PartnerUserChanged':
      return change(partner, data.accountId, ({ mail, resetLinks }) => ({
        ...data.after,
        // A link that went to the old address must not open the account any more.
        resetLinks: mail === data.after.mail ? resetLinks : [],
      }));
    case 'partners.PartnerUserDeleted':
      return { ...partner, members: partner.members.filter(({ accountId }) => accountId !== data.accountId) };
    case 'partners.RolesGranted':
    case 'partners.RolesRevoked':
      return change(partner, data.accountId, () => ({ roles: inOrder(data.after) }));
    case 'partners.RegistrationNoticeSent':
      return change(partner, data.accountId, ({ notice }) => ({ notice: { ...notice, sent: true } }));
    case 'partners.InitialPasswordReissued':
      return change(partner, data.accountId, () => initial(data.credentialId));
    case 'partners.InitialPasswordChanged':
    case 'partners.PartnerUserPasswordChanged':
    case 'partners.PasswordReset':
      return change(partner, data.accountId, () => proven(data.credentialId));
    case 'partners.PasswordResetLinkIssued':
      return linkIssued(partner, data);
    default:
      return unreachable(type);
  }
};
