import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import type { IdPolicy } from '../../kernel/policies.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import {
  type changeStaffPassword,
  type registerStaff,
  type rescueStaff,
  type StaffCommand,
  staffDeleted,
  type StaffEvent,
  staffEvents,
  staffInitialPasswordIssued,
  staffLocked,
  staffPasswordChanged,
  staffRegistered,
  type StaffRole,
  staffRoleGiven,
  staffUnlocked,
} from './staff.messages.js';

export type Staff = Readonly<{
  staffId: string;
  loginId: string;
  name: string;
  credentialId: string;
  role: StaffRole;
  status: 'active' | 'locked' | 'deleted';
  /** True while the password in force is one that was given out. */
  initialPassword: boolean;
}>;

export const LOGIN_ID: IdPolicy = { min: 4, max: 32, letterCase: 'lower', symbols: '.-_', lettersAndDigits: false };
export const STAFF_NAME = { kind: 'name', policy: { min: 1, max: 64 } } as const;

type Decision = Outcome<StaffEvent>;

const register = ({ data }: MessageOf<typeof registerStaff>, staff: Staff | null): Decision => {
  const { staffId, loginId, name, credentialId, role, initialPassword } = data;
  const faults = [
    ...validate('loginId', loginId, { kind: 'id', policy: LOGIN_ID }),
    ...validate('name', name, STAFF_NAME),
  ];
  if (faults.length > 0) return refuse(invalid(faults));
  // Also of one that was deleted: a login ID in the history must never mean two people.
  if (staff) return refuse(refusal('STAFF_EXISTS', { loginId }));
  const registered = staffRegistered({ staffId, loginId, name, credentialId });
  const given = staffRoleGiven({ staffId, loginId, before: null, after: role });
  if (!initialPassword) return accept<StaffEvent>(registered, given);
  const issued = staffInitialPasswordIssued({ staffId, loginId, credentialId, replacedCredentialId: null });
  return accept<StaffEvent>(registered, given, issued);
};

const changePassword = (
  { data }: MessageOf<typeof changeStaffPassword>,
  staff: Staff | null,
  { actor }: Moment,
): Decision => {
  const { staffId, provenCredentialId, credentialId } = data;
  if (!staff || actor.id !== staffId) return refuse(refusal('NOT_FOUND'));
  if (staff.status !== 'active') return refuse(refusal('STAFF_STATE_WRONG', { state: staff.status }));
  if (provenCredentialId !== staff.credentialId) return refuse(refusal('CURRENT_PASSWORD_WRONG'));
  const replacedCredentialId = staff.credentialId;
  return accept(staffPasswordChanged({ staffId, loginId: staff.loginId, credentialId, replacedCredentialId }));
};

/** Whatever became of the account: in force, an administrator, and with a password that must be changed. */
const rescue = ({ data }: MessageOf<typeof rescueStaff>, staff: Staff | null, { actor }: Moment): Decision => {
  if (actor.kind !== 'system') return refuse(refusal('NOT_PERMITTED', { permission: 'the command line' }));
  if (!staff || staff.status === 'deleted') return refuse(refusal('NOT_FOUND'));
  const { staffId, loginId, role, status, credentialId: replacedCredentialId } = staff;
  return accept<StaffEvent>(
    ...(status === 'locked' ? [staffUnlocked({ staffId, loginId })] : []),
    ...(role === 'administrator' ? [] : [staffRoleGiven({ staffId, loginId, before: role, after: 'administrator' })]),
    staffInitialPasswordIssued({ staffId, loginId, credentialId: data.credentialId, replacedCredentialId }),
  );
};

type OnOther = Exclude<
  StaffCommand,
  MessageOf<typeof registerStaff> | MessageOf<typeof changeStaffPassword> | MessageOf<typeof rescueStaff>
>;

/** What an administrator does to another's account. */
const onOther = (command: OnOther, staff: Staff | null, { actor }: Moment): Decision => {
  if (!staff || staff.status === 'deleted') return refuse(refusal('NOT_FOUND'));
  // Who could lock or demote the own account could leave nobody who may undo it.
  if (actor.id === staff.staffId) return refuse(refusal('OWN_ACCOUNT'));
  const { staffId, loginId, name, credentialId, role, status } = staff;
  const wrongState = () => refuse(refusal('STAFF_STATE_WRONG', { state: status }));
  switch (command.type) {
    case 'identity.ReissueStaffPassword': {
      const next = command.data.credentialId;
      return accept(
        staffInitialPasswordIssued({ staffId, loginId, credentialId: next, replacedCredentialId: credentialId }),
      );
    }
    case 'identity.GiveStaffRole': {
      const after = command.data.role;
      return role === after ? accept() : accept(staffRoleGiven({ staffId, loginId, before: role, after }));
    }
    case 'identity.LockStaff':
      return status === 'locked' ? wrongState() : accept(staffLocked({ staffId, loginId }));
    case 'identity.UnlockStaff':
      return status === 'active' ? wrongState() : accept(staffUnlocked({ staffId, loginId }));
    case 'identity.DeleteStaff':
      return accept(staffDeleted({ staffId, loginId, name, credentialId }));
    default:
      return unreachable(command);
  }
};

/** People of the back office. The stream is named after the login ID, so one ID has one bearer. */
export const staffDecider: Decider<Staff | null, StaffCommand, StaffEvent> = {
  stream: ({ data }) => `staff-${data.staffId}`,
  initial: null,
  events: staffEvents,
  decide(command, staff, moment) {
    if (command.type === 'identity.ChangeStaffPassword') return changePassword(command, staff, moment);
    const { kind } = moment.actor;
    if (kind !== 'backOffice' && kind !== 'system')
      return refuse(refusal('NOT_PERMITTED', { permission: 'administration' }));
    if (command.type === 'identity.RescueStaff') return rescue(command, staff, moment);
    return command.type === 'identity.RegisterStaff' ? register(command, staff) : onOther(command, staff, moment);
  },
  evolve(staff, { type, data }): Staff | null {
    if (type === 'identity.StaffRegistered')
      return { ...data, role: 'administrator', status: 'active', initialPassword: false };
    if (!staff) return staff;
    switch (type) {
      case 'identity.StaffRoleGiven':
        return { ...staff, role: data.after };
      case 'identity.StaffInitialPasswordIssued':
        return { ...staff, credentialId: data.credentialId, initialPassword: true };
      case 'identity.StaffPasswordChanged':
        return { ...staff, credentialId: data.credentialId, initialPassword: false };
      case 'identity.StaffLocked':
        return { ...staff, status: 'locked' };
      case 'identity.StaffUnlocked':
        return { ...staff, status: 'active' };
      case 'identity.StaffDeleted':
        return { ...staff, status: 'deleted' };
      default:
        return unreachable(type);
    }
  },
};
