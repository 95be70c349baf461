import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import {
  type changeOwnPassword,
  initialPasswordChanged,
  type issuePasswordResetLink,
  type PartnerEvent,
  partnerUserPasswordChanged,
  passwordReset,
  passwordResetLinkIssued,
  type resetPassword,
} from './messages.js';
import { memberOf, type Partner } from './state.js';

type Decision = Outcome<PartnerEvent>;

/** From the moment at which it was issued; the deadline itself is recorded. */
export const RESET_LINK_LIFE_MS = 24 * 3_600_000;

export const decidePasswordChange = (
  { data }: MessageOf<typeof changeOwnPassword>,
  partner: Partner,
  { actor }: Moment,
): Decision => {
  const own = actor.kind === 'user' ? memberOf(partner, actor.id) : undefined;
  if (!own) return refuse(refusal('NOT_PERMITTED', { permission: 'an account of this group' }));
  const { vendorCode, credentialId, provenCredentialId } = data;
  const { accountId, userId, groupId, credentialId: replacedCredentialId, initialPassword } = own;
  if (provenCredentialId !== replacedCredentialId) return refuse(refusal('CURRENT_PASSWORD_WRONG'));
  const changed = { vendorCode, groupId, accountId, userId, credentialId, replacedCredentialId };
  return accept(initialPassword ? initialPasswordChanged(changed) : partnerUserPasswordChanged(changed));
};

export const decideResetLink = (
  { data }: MessageOf<typeof issuePasswordResetLink>,
  partner: Partner,
  { now }: Moment,
): Decision => {
  const member = memberOf(partner, data.accountId);
  // Deleted since the request: there is nobody to send a link to, and nobody to tell.
  if (!member) return accept();
  const { groupId, userId } = member;
  const expiresAt = new Date(now.getTime() + RESET_LINK_LIFE_MS).toISOString();
  return accept(passwordResetLinkIssued({ ...data, groupId, userId, expiresAt }));
};

export const decideReset = (
  { data: { vendorCode, linkId, credentialId } }: MessageOf<typeof resetPassword>,
  { members }: Partner,
  { now }: Moment,
): Decision => {
  const member = members.find(({ resetLinks }) => resetLinks.some((link) => link.linkId === linkId));
  const link = member?.resetLinks.find((candidate) => candidate.linkId === linkId);
  if (!member || !link || now.toISOString() >= link.expiresAt) return refuse(refusal('RESET_LINK_DEAD'));
  const { groupId, accountId, userId, credentialId: replacedCredentialId } = member;
  return accept(passwordReset({ vendorCode, groupId, accountId, userId, linkId, credentialId, replacedCredentialId }));
};
