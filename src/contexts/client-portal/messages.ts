import { message, type MessageOf } from '../../kernel/message.js';
import type { IdPolicy, Policy } from '../../kernel/policies.js';
import { count, orNull, personal, text } from '../../kernel/schema.js';

import { materialDownloadedFacts } from './events.messages.js';

export * from './events.messages.js';

/** The codes that the back office gives out; they stand in addresses and stream names. */
export const CLIENT_CODE: IdPolicy = { min: 3, max: 16, letterCase: 'upper', symbols: '', lettersAndDigits: false };
export const ACCEPTANCE_NUMBER: IdPolicy = {
  min: 3,
  max: 32,
  letterCase: 'upper',
  symbols: '-',
  lettersAndDigits: false,
};

/** Names of companies, standards, procedures and files: no people's names, so only a sane bound applies. */
export const TITLE: Policy = { kind: 'name', policy: { min: 1, max: 100 } };

const company = { clientCode: text() };
const ofUser = { ...company, accountId: text() };
const ofCase = { ...ofUser, acceptanceNumber: text() };
/** Made outside the decider, because hashing takes time and chance; the event names it. */
const newCredential = { credentialId: text() };
/**
 * The vault entry against which the current password proved right, null if it did not. The decider
 * compares it with the credential in force, so a change in between cannot be built on.
 */
const proven = { provenCredentialId: orNull(text()) };

export const registerClientCompany = message('client-portal.RegisterClientCompany', { ...company, name: text() });
export const addStandard = message('client-portal.AddStandard', { ...company, standard: text() });
export const addCase = message('client-portal.AddCase', { ...company, acceptanceNumber: text(), standard: text() });
export const issueManagementAccount = message('client-portal.IssueManagementAccount', {
  ...company,
  userId: personal(text()),
  ...newCredential,
});
export const reissueInitialPassword = message('client-portal.ReissueInitialPassword', { ...company, ...newCredential });

export const changeOwnPassword = message('client-portal.ChangeOwnPassword', {
  ...company,
  ...proven,
  ...newCredential,
});
export const createPortalUser = message('client-portal.CreatePortalUser', {
  ...company,
  userId: personal(text()),
  displayName: personal(text()),
  ...newCredential,
});
export const deletePortalUser = message('client-portal.DeletePortalUser', ofUser);
export const grantViewPermission = message('client-portal.GrantViewPermission', ofCase);
export const revokeViewPermission = message('client-portal.RevokeViewPermission', ofCase);
export const grantProcedurePermission = message('client-portal.GrantProcedurePermission', {
  ...ofCase,
  /** The user ID of the present holder, once the person agreed to move the permission away from it. */
  moveFrom: orNull(personal(text())),
});
export const revokeProcedurePermission = message('client-portal.RevokeProcedurePermission', ofCase);
export const submitProcedure = message('client-portal.SubmitProcedure', {
  ...company,
  acceptanceNumber: text(),
  procedure: text(),
});

export const addMaterial = message('client-portal.AddMaterial', {
  ...company,
  acceptanceNumber: text(),
  materialId: text(),
  fileName: text(),
  mediaType: text(),
  sizeBytes: count(),
  sha256: text(),
});
export const downloadMaterial = message('client-portal.DownloadMaterial', {
  ...company,
  acceptanceNumber: text(),
  materialId: text(),
});

/** What the company's stream would say to it is asked first; the download itself is recorded beside it. */
export const recordMaterialDownload = message('client-portal.RecordMaterialDownload', {
  ...materialDownloadedFacts,
  day: text(),
});

export const clientCompanyCommands = [
  registerClientCompany,
  addStandard,
  addCase,
  issueManagementAccount,
  reissueInitialPassword,
  changeOwnPassword,
  createPortalUser,
  deletePortalUser,
  grantViewPermission,
  revokeViewPermission,
  grantProcedurePermission,
  revokeProcedurePermission,
  submitProcedure,
  addMaterial,
] as const;

export type ClientCompanyCommand = MessageOf<(typeof clientCompanyCommands)[number] | typeof downloadMaterial>;
