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
  isStranger,
  loggedOut,
  loginFailed,
  loginSucceeded,
  type recordLogin,
  STRANGERS,
} from './messages.js';

type Tries = Readonly<{ failures: number; lockedUntil: string | null }>;

/**
 * Tries are counted for each browser that has logged in before, and for each network that strange browsers come from:
 * whoever guesses locks out nobody elsewhere, so the owner of an account cannot be kept out for ever. Who guesses from many
 * networks is slowed down by the count of all strangers together; it does not concern a network from which the account
 * has been logged in to.
 */
export type Access = Readonly<{
  tries: Readonly<Record<string, Tries>>;
  /** The networks from which a strange browser proved the secret. */
  proven: Readonly<Record<string, true>>;
}>;

/** Wrong answers in a row by strangers from anywhere; ten networks with all the tries of each. */
export const STRANGERS_FAILURES_MAX = 50;

/** Staff of the back office belong to no service; they are locked out like everybody. */
const lockOf = (service: string): LockPolicy => (POLICIES[service as Service] ?? POLICIES['client-portal']).lock;

/** Each service asks for other things, and says so in its one neutral message. */
const wrongOf = (service: string): Refusal =>
  refusal(service === 'e-contract' ? 'USER_ID_OR_PASSWORD_WRONG' : 'CREDENTIALS_WRONG');

const none: Tries = { failures: 0, lockedUntil: null };
const of = ({ tries }: Access, device: string): Tries => tries[device] ?? none;

/** Whose counts a login falls under. */
const countsOf = ({ proven }: Access, device: string): readonly string[] =>
  isStranger(device) && !proven[device] ? [device, STRANGERS] : [device];

const isLocked = ({ lockedUntil }: Tries, now: Date): boolean =>
  lockedUntil !== null && now.toISOString() < lockedUntil;

/** A lock that has run out starts a new row of tries. */
const inARow = ({ failures, lockedUntil }: Tries): number => (lockedUntil === null ? failures : 0) + 1;

const login = (
  { accessId, service, tenant, loginId, device, accountId, proven }: MessageOf<typeof recordLogin>['data'],
  access: Access,
  now: Date,
): Outcome<AccessEvent> => {
  const { failuresMax, lockMinutes } = lockOf(service);
  const name = { accessId, service, tenant, loginId };
  const counts = countsOf(access, device);
  const locks = counts.map((count) => of(access, count)).filter((tries) => isLocked(tries, now));
  if (locks.length > 0) {
    const until = locks
      .map(({ lockedUntil }) => lockedUntil!)
      .sort()
      .at(-1)!;
    const failed = loginFailed({ ...name, device, accountId, reason: 'locked' });
    return refuse(refusal('ACCOUNT_LOCKED', { until: inJapan(new Date(until)) }), failed);
  }
  if (proven && accountId !== null) return accept(loginSucceeded({ ...name, device, accountId }));

  const failed = loginFailed({ ...name, device, accountId, reason: 'wrong' });
  const until = new Date(now.getTime() + lockMinutes * 60_000).toISOString();
  const maxOf = (count: string) => (count === STRANGERS ? STRANGERS_FAILURES_MAX : failuresMax);
  const full = counts.filter((count) => inARow(of(access, count)) >= maxOf(count));
  const locked = full.map((count) => accountLocked({ ...name, device: count, until }));
  return refuse<AccessEvent>(wrongOf(service), failed, ...locked);
};

const counted = (access: Access, counts: readonly string[], count: (tries: Tries) => Tries): Access => ({
  ...access,
  tries: { ...access.tries, ...Object.fromEntries(counts.map((name) => [name, count(of(access, name))])) },
});

export const accessDecider: Decider<Access, AccessCommand, AccessEvent> = {
  stream: ({ data }) => `access-${data.accessId}`,
  initial: { tries: {}, proven: {} },
  events: accessEvents,
  decide(command, access, { now, actor }) {
    switch (command.type) {
      case 'identity.RecordLogin':
        return login(command.data, access, now);
      case 'identity.UnlockAccount':
        if (actor.kind !== 'backOffice' && actor.kind !== 'system')
          return refuse(refusal('NOT_PERMITTED', { permission: 'back office' }));
        // Nothing to release is not a fault: the person at the desk wants the account usable, and it is.
        return Object.values(access.tries).some(({ lockedUntil }) => lockedUntil !== null)
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
        return {
          tries: { ...access.tries, [data.device]: none, [STRANGERS]: none },
          proven: isStranger(data.device) ? { ...access.proven, [data.device]: true } : access.proven,
        };
      case 'identity.LoginFailed': {
        if (data.reason === 'locked') return access;
        return counted(access, countsOf(access, data.device), (tries) => ({
          failures: inARow(tries),
          lockedUntil: null,
        }));
      }
      case 'identity.AccountLocked':
        return counted(access, [data.device], () => ({ failures: 0, lockedUntil: data.until }));
      case 'identity.AccountUnlocked':
        return { ...access, tries: {} };
      case 'identity.LoggedOut':
        return access;
      default:
        return unreachable(type);
    }
  },
};
