import { accept, type Decider, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import { inJapan } from '../../kernel/calendar.js';
import type { MessageOf } from '../../kernel/message.js';
import type { LockPolicy } from '../../kernel/policies.js';
import { POLICIES, type Service } from '../../kernel/service-policies.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import {
  type AccessCommand,
  type AccessEvent,
  accessEvents,
  accountLocked,
  accountUnlocked,
  loggedOut,
  loginFailed,
  loginSucceeded,
  type recordLogin,
} from './messages.js';

type Tries = Readonly<{ failures: number; lockedUntil: string | null }>;

/**
 * Tries are counted per device: a stranger who guesses locks out strangers, while the browser that has
 * logged in before keeps its own count. So nobody can lock an account's owner out for ever.
 */
export type Access = Readonly<Record<string, Tries>>;

/** Staff of the back office belong to no service; they are locked out like everybody. */
const lockOf = (service: string): LockPolicy => (POLICIES[service as Service] ?? POLICIES['client-portal']).lock;

/** Each service asks for other things, and says so in its one neutral message. */
const wrongOf = (service: string): Refusal =>
  refusal(service === 'e-contract' ? 'USER_ID_OR_PASSWORD_WRONG' : 'CREDENTIALS_WRONG');

const none: Tries = { failures: 0, lockedUntil: null };
const of = (access: Access, device: string): Tries => access[device] ?? none;

const login = (
  { accessId, service, tenant, loginId, device, accountId, proven }: MessageOf<typeof recordLogin>['data'],
  access: Access,
  now: Date,
): Outcome<AccessEvent> => {
  const { failuresMax, lockMinutes } = lockOf(service);
  const name = { accessId, service, tenant, loginId };
  const { failures, lockedUntil } = of(access, device);
  const locked = lockedUntil !== null && now.toISOString() < lockedUntil;
  if (locked) {
    const failed = loginFailed({ ...name, device, accountId, reason: 'locked' });
    return refuse(refusal('ACCOUNT_LOCKED', { until: inJapan(new Date(lockedUntil)) }), failed);
  }
  if (proven && accountId !== null) return accept(loginSucceeded({ ...name, device, accountId }));

  const failed = loginFailed({ ...name, device, accountId, reason: 'wrong' });
  const wrong = wrongOf(service);
  // A lock that has run out starts a new row of tries.
  const inARow = (lockedUntil === null ? failures : 0) + 1;
  if (inARow < failuresMax) return refuse(wrong, failed);
  const until = new Date(now.getTime() + lockMinutes * 60_000).toISOString();
  return refuse<AccessEvent>(wrong, failed, accountLocked({ ...name, device, until }));
};

export const accessDecider: Decider<Access, AccessCommand, AccessEvent> = {
  stream: ({ data }) => `access-${data.accessId}`,
  initial: {},
  events: accessEvents,
  decide(command, access, { now, actor }) {
    switch (command.type) {
      case 'identity.RecordLogin':
        return login(command.data, access, now);
      case 'identity.UnlockAccount':
        if (actor.kind !== 'backOffice') return refuse(refusal('NOT_PERMITTED', { permission: 'back office' }));
        // Nothing to release is not a fault: the person at the desk wants the account usable, and it is.
        return Object.values(access).some(({ lockedUntil }) => lockedUntil !== null)
          ? accept(accountUnlocked(command.data))
          : accept();
      case 'identity.RecordLogout':
        return accept(loggedOut(command.data));
      default:
        return unreachable(command);
    }
  },
  evolve(access, { type, data }): Access {
    switch (type) {
      case 'identity.LoginSucceeded':
        return { ...access, [data.device]: none };
      case 'identity.LoginFailed': {
        if (data.reason === 'locked') return access;
        const { failures, lockedUntil } = of(access, data.device);
        // The first failure after a lock opens a new row.
        return { ...access, [data.device]: { failures: lockedUntil === null ? failures + 1 : 1, lockedUntil: null } };
      }
      case 'identity.AccountLocked':
        return { ...access, [data.device]: { failures: 0, lockedUntil: data.until } };
      case 'identity.AccountUnlocked':
        return Object.fromEntries(Object.keys(access).map((device) => [device, none]));
      case 'identity.LoggedOut':
        return access;
      default:
        return unreachable(type);
    }
  },
};
