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
import { type Member, memberNamed, memberOf, type Partner } from './state.js';

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
  const member = memberNamed(partner, data.userId);
  // Nobody bears the ID: there is nobody to send a link to, and nobody to tell.
  if (!member) return accept();
  const { groupId, accountId, name, mail } = member;
  const expiresAt = new Date(now.getTime() + RESET_LINK_LIFE_MS).toISOString();
  return accept(passwordResetLinkIssued({ ...data, groupId, accountId, name, mail, expiresAt }));
};

/** For whom the link still sets a password; at the deadline it does not any more. */
export const bearerOf = ({ members }: Partner, linkId: string, now: Date): Member | undefined =>
  members.find(({ resetLinks }) =>
    resetLinks.some((link) => link.linkId === linkId && now.toISOString() < link.expiresAt),
  );

export const decideReset = (
  { data: { vendorCode, linkId, credentialId } }: MessageOf<typeof resetPassword>,
  partner: Partner,
  { now }: Moment,
): Decision => {
  const member = bearerOf(partner, linkId, now);
  if (!member) return refuse(refusal('RESET_LINK_DEAD'));
  const { groupId, accountId, userId, credentialId: replacedCredentialId } = member;
  return accept(passwordReset({ vendorCode, groupId, accountId, userId, linkId, credentialId, replacedCredentialId }));
};
