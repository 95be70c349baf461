import { accept, type Decider, refuse, unreachable } from '../../kernel/decider.js';
import type { IdPolicy } from '../../kernel/policies.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { type StaffCommand, type StaffEvent, staffEvents, staffPasswordChanged, staffRegistered } from './messages.js';

export type Staff = Readonly<{ staffId: string; loginId: string; name: string; credentialId: string }>;

const LOGIN_ID: IdPolicy = { min: 4, max: 32, letterCase: 'lower', symbols: '.-_', lettersAndDigits: false };

/** People of the back office. The stream is named after the login ID, so one ID has one bearer. */
export const staffDecider: Decider<Staff | null, StaffCommand, StaffEvent> = {
  stream: ({ data }) => `staff-${data.staffId}`,
  initial: null,
  events: staffEvents,
  decide(command, staff, { actor }) {
    switch (command.type) {
      case 'identity.RegisterStaff': {
        if (actor.kind !== 'backOffice' && actor.kind !== 'system')
          return refuse(refusal('NOT_PERMITTED', { permission: 'back office' }));
        const { loginId, name } = command.data;
        const faults = [
          ...validate('loginId', loginId, { kind: 'id', policy: LOGIN_ID }),
          ...validate('name', name, { kind: 'name', policy: { min: 1, max: 64 } }),
        ];
        if (faults.length > 0) return refuse(invalid(faults));
        return staff ? refuse(refusal('STAFF_EXISTS', { loginId })) : accept(staffRegistered(command.data));
      }
      case 'identity.ChangeStaffPassword': {
        const { staffId, provenCredentialId, credentialId } = command.data;
        if (!staff || actor.id !== staffId) return refuse(refusal('NOT_FOUND'));
        if (provenCredentialId !== staff.credentialId) return refuse(refusal('CURRENT_PASSWORD_WRONG'));
        const replacedCredentialId = staff.credentialId;
        return accept(staffPasswordChanged({ staffId, loginId: staff.loginId, credentialId, replacedCredentialId }));
      }
      default:
        return unreachable(command);
    }
  },
  evolve(staff, { type, data }) {
    switch (type) {
      case 'identity.StaffRegistered':
        return data;
      case 'identity.StaffPasswordChanged':
        return staff && { ...staff, credentialId: data.credentialId };
      default:
        return unreachable(type);
    }
  },
};
