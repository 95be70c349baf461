import { derivedId } from '../../kernel/ids.js';
import { message, type MessageOf } from '../../kernel/message.js';
import type { PasswordPolicy } from '../../kernel/policies.js';
import { flag, oneOf, orNull, personal, text } from '../../kernel/schema.js';

export const STAFF_SERVICE = 'back-office';

export const STAFF_ROLES = ['administrator', 'staff', 'auditor'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Whom a route of the back office is for. Administrators do what staff do, and look after the accounts besides. */
export const STAFF = { service: STAFF_SERVICE, role: ['staff', 'administrator'], permission: 'back office' } as const;
export const ADMINISTRATOR = { service: STAFF_SERVICE, role: 'administrator', permission: 'administration' } as const;
/** Reads the history of all services and commands nothing. */
export const AUDITOR = { service: STAFF_SERVICE, role: 'auditor', permission: 'audit' } as const;

/** Longer than any customer's: these accounts see every tenant. */
export const STAFF_PASSWORD: PasswordPolicy = {
  min: 12,
  max: 64,
  mandatory: ['letter', 'digit'],
  symbolsAllowed: true,
  forbiddenChars: '',
};

export const staffIdOf = (loginId: string): string => derivedId('staff', loginId);

const staff = { staffId: text(), loginId: personal(text()) };
const named = { ...staff, name: personal(text()) };

/** By itself it makes an administrator: the account of the first start, which nobody else gave a role. */
export const staffRegistered = message('identity.StaffRegistered', { ...named, credentialId: text() });
export const staffRoleGiven = message('identity.StaffRoleGiven', {
  ...staff,
  before: orNull(oneOf(STAFF_ROLES)),
  after: oneOf(STAFF_ROLES),
});
/** The password in force is one that somebody else has seen; it opens nothing but its own change. */
export const staffInitialPasswordIssued = message('identity.StaffInitialPasswordIssued', {
  ...staff,
  credentialId: text(),
  replacedCredentialId: orNull(text()),
});
export const staffPasswordChanged = message('identity.StaffPasswordChanged', {
  ...staff,
  credentialId: text(),
  replacedCredentialId: text(),
});
export const staffLocked = message('identity.StaffLocked', staff);
export const staffUnlocked = message('identity.StaffUnlocked', staff);
export const staffDeleted = message('identity.StaffDeleted', { ...named, credentialId: text() });

export const staffEvents = [
  staffRegistered,
  staffRoleGiven,
  staffInitialPasswordIssued,
  staffPasswordChanged,
  staffLocked,
  staffUnlocked,
  staffDeleted,
] as const;
export type StaffEvent = MessageOf<(typeof staffEvents)[number]>;

const one = { staffId: text() };

export const registerStaff = message('identity.RegisterStaff', {
  ...named,
  credentialId: text(),
  role: oneOf(STAFF_ROLES),
  /** Whether somebody else knows the password, so that it must be changed at the first login. */
  initialPassword: flag(),
});
export const changeStaffPassword = message('identity.ChangeStaffPassword', {
  ...one,
  provenCredentialId: orNull(text()),
  credentialId: text(),
});
export const reissueStaffPassword = message('identity.ReissueStaffPassword', { ...one, credentialId: text() });
export const giveStaffRole = message('identity.GiveStaffRole', { ...one, role: oneOf(STAFF_ROLES) });
export const lockStaff = message('identity.LockStaff', one);
export const unlockStaff = message('identity.UnlockStaff', one);
export const deleteStaff = message('identity.DeleteStaff', one);
/** By whoever runs the service, where no administrator can get in any more. */
export const rescueStaff = message('identity.RescueStaff', { ...one, credentialId: text() });

export const staffCommands = [
  registerStaff,
  changeStaffPassword,
  reissueStaffPassword,
  giveStaffRole,
  lockStaff,
  unlockStaff,
  deleteStaff,
  rescueStaff,
] as const;
export type StaffCommand = MessageOf<(typeof staffCommands)[number]>;
