import type { Session } from '../../platform/access/sessions.js';
import { derivedId } from '../../kernel/ids.js';
import { type Caller, senderOf } from '../../platform/http/caller.js';
import type { Sender } from '../../platform/commands/sender.js';

export const SERVICE = 'client-portal';
export const MANAGEMENT = { service: SERVICE, role: 'management', permission: 'user management' } as const;
export const USER = { service: SERVICE, role: 'user', permission: 'a portal user' } as const;

export const companyStream = (clientCode: string): string => `clientCompany-${clientCode}`;

export const sessionOf = (caller: Caller): Session => caller.session!;

/** For commands on a company: customers upon their own, staff upon the one they name. */
export const senderTo = (caller: Caller, clientCode: string): Sender =>
  senderOf(caller, { service: SERVICE, tenant: clientCode });

/** The vault entry of a password that this command sets; the same for every repetition of it. */
export const credentialIdOf = ({ commandId }: Caller): string => derivedId(commandId, 'credential');
