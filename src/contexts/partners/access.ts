import { refusal } from '../../kernel/refusal.js';
import { derivedId } from '../../kernel/ids.js';
import type { Session } from '../../platform/access/sessions.js';
import type { Decisions } from '../../platform/commands/decisions.js';
import type { Decided, Sender } from '../../platform/commands/sender.js';
import { type Caller, senderOf } from '../../platform/http/caller.js';
import { Refused } from '../../platform/http/refused.js';
import { PASSWORD_CHANGE } from '../../platform/http/session-guard.js';
import { partnerDecider } from './decider.js';
import { partnerStream, partsOf, SERVICE } from './messages.js';
import { administers, type Member, memberOf, type Partner } from './state.js';

export const MEMBER_ROLE = 'member';
const PERMISSION = 'a user of the e-contract service';
/** Whoever has chosen a password. */
export const MEMBER = { service: SERVICE, role: MEMBER_ROLE, permission: PERMISSION } as const;
/** Whoever has not: reaches the change of the password and the way out. */
export const NEWCOMER = { service: SERVICE, role: PASSWORD_CHANGE, permission: PERMISSION } as const;

export const sessionOf = (caller: Caller): Session => caller.session!;

/** The user ID names the company, the session the group. */
export const vendorCodeOf = (caller: Caller): string => partsOf(sessionOf(caller).loginId)!.vendorCode;

export const credentialIdOf = ({ commandId }: Caller, index = 0): string =>
  derivedId(commandId, 'credential', String(index));

/** For commands within the own group. */
export const senderWithin = (caller: Caller): Sender =>
  senderOf(caller, { service: SERVICE, tenant: sessionOf(caller).tenant });

export const partnerOf = async (decisions: Decisions, vendorCode: string): Promise<Partner> =>
  (await decisions.stateOf(partnerDecider, partnerStream(vendorCode))).state;

export type Own = Readonly<{ partner: Partner; vendorCode: string; self: Member }>;

/** Who is logged in, as the stream says now: permissions may have changed since the login. */
export const ownOf = async (decisions: Decisions, caller: Caller): Promise<Own> => {
  const vendorCode = vendorCodeOf(caller);
  const partner = await partnerOf(decisions, vendorCode);
  const self = memberOf(partner, sessionOf(caller).accountId);
  if (!self) throw new Refused(refusal('NOT_LOGGED_IN'));
  return { partner, vendorCode, self };
};

export const administratorOf = async (decisions: Decisions, caller: Caller): Promise<Own> => {
  const own = await ownOf(decisions, caller);
  if (!administers(own.self)) throw new Refused(refusal('NOT_PERMITTED', { permission: 'user management' }));
  return own;
};

/** A reach for a user outside the own group is answered as if there were none, and kept in the history. */
export const notThere = (): Refused => new Refused(refusal('NOT_FOUND'), true);

export const orRefuseNoting = (decided: Decided): Decided => {
  if (decided.refusal?.code === 'NOT_FOUND') throw notThere();
  if (decided.refusal) throw new Refused(decided.refusal);
  return decided;
};
