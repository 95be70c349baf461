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
import { COMPANY_RESETS_MAX, type Member, memberNamed, memberOf, type Partner } from './state.js';

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

const HOUR_MS = 3_600_000;
/** Several users may have one address; it is sent no more than one of them might ask for. */
export const MAIL_RESETS_MAX = 5;

/** Asking needs no account, so neither a company nor an address is flooded by naming one user after another. */
const isFlooded = ({ newestResets }: Partner, mail: string, now: Date): boolean => {
  const issuedSince = new Date(now.getTime() - HOUR_MS + RESET_LINK_LIFE_MS).toISOString();
  const recent = newestResets.filter(({ expiresAt }) => expiresAt > issuedSince);
  const key = mail.toLowerCase();
  const toMail = recent.filter((issued) => issued.mail.toLowerCase() === key);
  return recent.length >= COMPANY_RESETS_MAX || toMail.length >= MAIL_RESETS_MAX;
};

export const decideResetLink = (
  { data }: MessageOf<typeof issuePasswordResetLink>,
  partner: Partner,
  { now }: Moment,
): Decision => {
  const member = memberNamed(partner, data.userId);
  // Nobody bears the ID, or enough links are on their way: no mail, and nobody is told.
  if (!member || isFlooded(partner, member.mail, now)) return accept();
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
