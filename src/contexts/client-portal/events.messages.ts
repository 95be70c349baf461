import { message, type MessageOf } from '../../kernel/message.js';
import { count, oneOf, personal, text } from '../../kernel/schema.js';

/** Everything stands in the stream of its company; the client code is the company. */
const company = { clientCode: text() };
const account = { ...company, accountId: text() };
/** The person's own sign-in name, kept beside the account id because deleted users stay in the history. */
const user = { ...account, userId: personal(text()) };
const permission = { ...user, acceptanceNumber: text(), standard: text() };
/** Names the entry of the vault that holds the password hash; never the hash itself. */
const credential = { credentialId: text() };
/** The entry that lost its force with this event; it is then removed from the vault. */
const replacing = { ...credential, replacedCredentialId: text() };

export const clientCompanyRegistered = message('client-portal.ClientCompanyRegistered', { ...company, name: text() });
export const standardAdded = message('client-portal.StandardAdded', { ...company, standard: text() });
export const caseAdded = message('client-portal.CaseAdded', { ...company, acceptanceNumber: text(), standard: text() });

export const managementAccountIssued = message('client-portal.ManagementAccountIssued', { ...user, ...credential });
export const initialPasswordReissued = message('client-portal.InitialPasswordReissued', { ...user, ...replacing });
export const managementAccountPasswordChanged = message('client-portal.ManagementAccountPasswordChanged', {
  ...user,
  ...replacing,
});

export const portalUserCreated = message('client-portal.PortalUserCreated', {
  ...user,
  displayName: personal(text()),
  ...credential,
});
export const portalUserPasswordChanged = message('client-portal.PortalUserPasswordChanged', { ...user, ...replacing });
export const portalUserDeleted = message('client-portal.PortalUserDeleted', {
  ...user,
  displayName: personal(text()),
  ...credential,
});

export const viewPermissionGranted = message('client-portal.ViewPermissionGranted', permission);
export const viewPermissionRevoked = message('client-portal.ViewPermissionRevoked', permission);
export const procedurePermissionGranted = message('client-portal.ProcedurePermissionGranted', permission);
export const procedurePermissionRevoked = message('client-portal.ProcedurePermissionRevoked', {
  ...permission,
  reason: oneOf(['unticked', 'moved', 'userDeleted']),
});

export const clientSetupCompleted = message('client-portal.ClientSetupCompleted', company);
export const procedureSubmitted = message('client-portal.ProcedureSubmitted', {
  ...permission,
  procedureId: text(),
  procedure: text(),
});

/** The file itself is kept outside the stream, under the material's id; here is what proves it unchanged. */
export const materialAdded = message('client-portal.MaterialAdded', {
  ...company,
  acceptanceNumber: text(),
  materialId: text(),
  fileName: text(),
  mediaType: text(),
  sizeBytes: count(),
  sha256: text(),
});
export const materialDownloadedFacts = { ...permission, materialId: text() };
export const materialDownloaded = message('client-portal.MaterialDownloaded', materialDownloadedFacts);

export const clientCompanyEvents = [
  clientCompanyRegistered,
  standardAdded,
  caseAdded,
  managementAccountIssued,
  initialPasswordReissued,
  managementAccountPasswordChanged,
  portalUserCreated,
  portalUserPasswordChanged,
  portalUserDeleted,
  viewPermissionGranted,
  viewPermissionRevoked,
  procedurePermissionGranted,
  procedurePermissionRevoked,
  clientSetupCompleted,
  procedureSubmitted,
  materialAdded,
  materialDownloaded,
] as const;

export type ClientCompanyEvent = MessageOf<(typeof clientCompanyEvents)[number]>;
