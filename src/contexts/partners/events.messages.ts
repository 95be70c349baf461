import { message, type MessageOf } from '../../kernel/message.js';
import { instant, listOf, oneOf, orNull, personal, record, text } from '../../kernel/schema.js';
import { ROLES } from './names.messages.js';

/** Everything of a partner company stands in its stream; each office is a group with members of its own. */
const group = { vendorCode: text(), groupId: text() };
/** The account id stays with one person; a user ID may have another bearer after a deletion. */
const member = { ...group, accountId: text(), userId: personal(text()) };
const roles = () => listOf(oneOf(ROLES));
const attributes = { name: personal(text()), mail: personal(text()), secondaryMail: personal(orNull(text())) };
const named = { name: text(), mail: text(), secondaryMail: orNull(text()) };
/** Names the entry of the vault that holds the password hash; never the hash itself. */
const credential = { credentialId: text() };
/** The entry that lost its force with this event; it is then removed from the vault. */
const replacing = { ...credential, replacedCredentialId: text() };

export const partnerGroupRegistered = message('partners.PartnerGroupRegistered', {
  ...group,
  companyCode: text(),
  companyName: text(),
  name: text(),
  parentGroupId: text(),
  /** The days on which the two papers of this office came in. */
  issueRequestReceivedOn: text(),
  termsConsentReceivedOn: text(),
});
export const partnerUserRegistered = message('partners.PartnerUserRegistered', {
  ...member,
  ...attributes,
  ...credential,
});
export const partnerUserCreated = message('partners.PartnerUserCreated', { ...member, ...attributes, ...credential });
export const partnerUserChanged = message('partners.PartnerUserChanged', {
  ...member,
  before: personal(record(named)),
  after: personal(record(named)),
});
export const partnerUserDeleted = message('partners.PartnerUserDeleted', {
  ...member,
  ...attributes,
  ...credential,
  roles: roles(),
});
export const rolesGranted = message('partners.RolesGranted', { ...member, before: roles(), after: roles() });
export const rolesRevoked = message('partners.RolesRevoked', { ...member, before: roles(), after: roles() });
export const registrationNoticeSent = message('partners.RegistrationNoticeSent', { ...member, notificationId: text() });

/** The mail address changed before the person was ever in: what went to the old one opens nothing any more. */
export const initialPasswordReissued = message('partners.InitialPasswordReissued', {
  ...member,
  /** Whom the new one goes to. */
  name: personal(text()),
  mail: personal(text()),
  ...replacing,
});
export const initialPasswordChanged = message('partners.InitialPasswordChanged', { ...member, ...replacing });
export const partnerUserPasswordChanged = message('partners.PartnerUserPasswordChanged', { ...member, ...replacing });
export const passwordResetLinkIssued = message('partners.PasswordResetLinkIssued', {
  ...member,
  /** Whom it went to. */
  name: personal(text()),
  mail: personal(text()),
  linkId: text(),
  expiresAt: instant(),
});
export const passwordReset = message('partners.PasswordReset', { ...member, linkId: text(), ...replacing });

export const partnerEvents = [
  partnerGroupRegistered,
  partnerUserRegistered,
  partnerUserCreated,
  partnerUserChanged,
  partnerUserDeleted,
  rolesGranted,
  rolesRevoked,
  registrationNoticeSent,
  initialPasswordReissued,
  initialPasswordChanged,
  partnerUserPasswordChanged,
  passwordResetLinkIssued,
  passwordReset,
] as const;
export type PartnerEvent = MessageOf<(typeof partnerEvents)[number]>;
