import { randomUUID } from 'node:crypto';
import { registerStaff, STAFF_SERVICE, staffIdOf } from '../contexts/identity/messages.js';
import { staffDecider } from '../contexts/identity/staff.decider.js';
import { SYSTEM } from '../kernel/actor.js';
import { derivedId } from '../kernel/ids.js';
import type { Passwords } from '../platform/access/passwords.js';
import type { Commands } from '../platform/commands/decided-by.js';
import type { Sender } from '../platform/commands/sender.js';
import type { Decisions } from '../platform/commands/decisions.js';

const LOGIN_ID = 'back.office';

/** Somebody must be the first to log in: made where there is nobody yet, told once and never again. */
export const firstStaff = async (
  commands: Commands,
  decisions: Decisions,
  passwords: Passwords,
): Promise<{ loginId: string; password: string } | null> => {
  const staffId = staffIdOf(LOGIN_ID);
  const { state } = await decisions.stateOf(staffDecider, `staff-${staffId}`);
  if (state !== null) return null;
  const commandId = randomUUID();
  const credentialId = derivedId(commandId, 'credential');
  const password = passwords.initial(credentialId);
  // It stands wherever the terminal's output is kept, so it opens nothing but its own change.
  const own = { role: 'administrator', initialPassword: true } as const;
  const register = registerStaff({ staffId, loginId: LOGIN_ID, name: 'Back Office', credentialId, ...own });
  const sender: Sender = {
    commandId,
    fingerprint: null,
    correlationId: commandId,
    actor: SYSTEM,
    onBehalfOf: null,
    tenant: '',
    service: STAFF_SERVICE,
    clientAddress: null,
  };
  const { refusal } = await passwords.keepFor(credentialId, password, () => commands.send(register, sender));
  // Another process of the same service was faster; its terminal shows the password.
  return refusal ? null : { loginId: LOGIN_ID, password };
};
