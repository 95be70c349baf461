import { message, type MessageOf } from '../../kernel/message.js';
import { listOf, oneOf, orNull, personal, record, text } from '../../kernel/schema.js';
import { directoryEvents } from './directory.messages.js';
import { partnerEvents } from './events.messages.js';
import { ROLES } from './names.messages.js';
import { recoveryEvents } from './recovery.messages.js';

export * from './directory.messages.js';
export * from './events.messages.js';
export * from './names.messages.js';
export * from './recovery.messages.js';

const company = { vendorCode: text() };
const roles = () => listOf(oneOf(ROLES));
const attributes = { name: personal(text()), mail: personal(text()), secondaryMail: personal(orNull(text())) };
const newCredential = { credentialId: text() };

export const registerPartnerGroup = message('partners.RegisterPartnerGroup', {
  ...company,
  /** What the directory says of the company; it never changes there. */
  companyCode: text(),
  companyName: text(),
  companyGroupId: text(),
  /** Null where the company has one place of business: then the company itself is the group. */
  officeName: orNull(text()),
  issueRequestReceivedOn: orNull(text()),
  termsConsentReceivedOn: orNull(text()),
  registrants: personal(
    listOf(record({ name: text(), mail: text(), secondaryMail: orNull(text()), roles: roles(), credentialId: text() })),
  ),
});
export const createPartnerUser = message('partners.CreatePartnerUser', {
  ...company,
  userId: personal(text()),
  ...attributes,
  roles: roles(),
  ...newCredential,
});
export const changePartnerUser = message('partners.ChangePartnerUser', {
  ...company,
  userId: personal(text()),
  ...attributes,
  roles: roles(),
  /** Counts only where the initial password is issued anew. */
  ...newCredential,
});
export const deletePartnerUser = message('partners.DeletePartnerUser', { ...company, userId: personal(text()) });

export const changeOwnPassword = message('partners.ChangeOwnPassword', {
  ...company,
  /** The vault entry against which the current password proved right, null if it did not. */
  provenCredentialId: orNull(text()),
  ...newCredential,
});
export const issuePasswordResetLink = message('partners.IssuePasswordResetLink', {
  ...company,
  userId: personal(text()),
  linkId: text(),
});
/** Sent only after the link's token proved right: that is a matter of keys, so it happens outside. */
export const resetPassword = message('partners.ResetPassword', { ...company, linkId: text(), ...newCredential });
export const recordRegistrationNoticeSent = message('partners.RecordRegistrationNoticeSent', {
  ...company,
  accountId: text(),
  ...newCredential,
  notificationId: text(),
});

export const partnerCommands = [
  registerPartnerGroup,
  createPartnerUser,
  changePartnerUser,
  deletePartnerUser,
  changeOwnPassword,
  issuePasswordResetLink,
  resetPassword,
  recordRegistrationNoticeSent,
] as const;
export type PartnerCommand = MessageOf<(typeof partnerCommands)[number]>;

/** Every event of this context. */
export const partnersEvents = [...directoryEvents, ...partnerEvents, ...recoveryEvents] as const;
