import type { Decisions } from '../../platform/commands/decisions.js';
import { partnerDecider } from './decider.js';
import { directoryDecider } from './directory.decider.js';
import { DIRECTORY_STREAM, partnerStream, partsOf, resetLinkCompany, type Role } from './messages.js';
import { bearerOf } from './passwords.decider.js';
import { type Member, memberNamed, type Partner } from './state.js';

/** What other contexts may know of a user: as its company's stream says now. */
export type PartnerUser = Readonly<{
  accountId: string;
  userId: string;
  name: string;
  /** The group is the boundary: its users, applications and history are nobody else's. */
  tenant: string;
  groupId: string;
  vendorCode: string;
  /** The owner company that the partner deals with. */
  companyCode: string;
  companyName: string;
  roles: readonly Role[];
  mails: Readonly<{ mail: string; secondaryMail: string | null }>;
}>;

const publicOf = (vendorCode: string, { companyCode, companyName }: Partner, member: Member): PartnerUser => {
  const { accountId, userId, name, groupId, roles, mail, secondaryMail } = member;
  const known = { accountId, userId, name, groupId, roles, vendorCode, companyName };
  return { ...known, tenant: groupId, companyCode: companyCode!, mails: { mail, secondaryMail } };
};

/** Null where nobody bears the ID, now. */
export const partnerUserByUserId = async (decisions: Decisions, userId: string): Promise<PartnerUser | null> => {
  const parts = partsOf(userId);
  if (!parts) return null;
  const { state } = await decisions.stateOf(partnerDecider, partnerStream(parts.vendorCode));
  const member = memberNamed(state, userId);
  return member ? publicOf(parts.vendorCode, state, member) : null;
};

/** The people who must be told of what happens to a member of their group. */
export const groupAdministratorsOf = async (
  decisions: Decisions,
  { vendorCode, groupId }: Pick<PartnerUser, 'vendorCode' | 'groupId'>,
): Promise<readonly PartnerUser[]> => {
  const { state } = await decisions.stateOf(partnerDecider, partnerStream(vendorCode));
  return state.members
    .filter((member) => member.groupId === groupId && member.roles.includes('GROUP_ADMINISTRATOR'))
    .map((member) => publicOf(vendorCode, state, member));
};

export const companyExists = async (decisions: Decisions, companyCode: string): Promise<boolean> => {
  const { state } = await decisions.stateOf(directoryDecider, DIRECTORY_STREAM);
  return state.owners.has(companyCode);
};

/** Whether the link of a reset mail would still set a password. */
export const isResetLinkInForce = async (decisions: Decisions, linkId: string, now: Date): Promise<boolean> => {
  const vendorCode = resetLinkCompany(linkId);
  if (vendorCode === null) return false;
  const { state } = await decisions.stateOf(partnerDecider, partnerStream(vendorCode));
  return bearerOf(state, linkId, now) !== undefined;
};
