import { derivedId } from '../../kernel/ids.js';
import { message, type MessageOf } from '../../kernel/message.js';
import { flag, instant, oneOf, orNull, personal, text } from '../../kernel/schema.js';
import { staffEvents } from './staff.messages.js';
import { tokenEvents } from './tokens.messages.js';

export * from './staff.messages.js';
export * from './tokens.messages.js';

/**
 * One stream per sign-in name, whether anybody bears it or not: an unknown name is counted, locked and
 * answered exactly like a known one, so that nobody learns which names exist.
 */
const name = { accessId: text(), service: text(), tenant: text(), loginId: personal(text()) };
/** A browser that logged in as this account before, or where a strange one came from. */
const scope = { device: text() };

/**
 * Stands for what was typed where an ID belongs and cannot be one: people type their password there, and neither the
 * event nor the name of its stream may hold anything of that.
 */
export const NOT_AN_ID = '(no ID)';

const STRANGER = 'unknown@';
/** Whoever never logged in as this account is told apart by the network alone. */
export const strangerFrom = (network: string): string => STRANGER + network;
export const isStranger = (device: string): boolean => device.startsWith(STRANGER);
/** All of them together. */
export const STRANGERS = 'unknown';

export const loginSucceeded = message('identity.LoginSucceeded', { ...name, ...scope, accountId: text() });
export const loginFailed = message('identity.LoginFailed', {
  ...name,
  ...scope,
  accountId: orNull(text()),
  reason: oneOf(['wrong', 'locked']),
});
export const accountLocked = message('identity.AccountLocked', { ...name, ...scope, until: instant() });
export const accountUnlocked = message('identity.AccountUnlocked', name);
export const loggedOut = message('identity.LoggedOut', { ...name, accountId: text() });

export const accessEvents = [loginSucceeded, loginFailed, accountLocked, accountUnlocked, loggedOut] as const;
export type AccessEvent = MessageOf<(typeof accessEvents)[number]>;

export const recordLogin = message('identity.RecordLogin', {
  ...name,
  ...scope,
  accountId: orNull(text()),
  /** Whether the secret was right; proven outside, because a slow hash is no business of a decider. */
  proven: flag(),
});
export const unlockAccount = message('identity.UnlockAccount', name);
export const recordLogout = message('identity.RecordLogout', { ...name, accountId: text() });

export const accessCommands = [recordLogin, unlockAccount, recordLogout] as const;
export type AccessCommand = MessageOf<(typeof accessCommands)[number]>;

export const accessIdOf = (service: string, tenant: string, loginId: string): string =>
  derivedId('access', service, tenant, loginId);

const attempt = { accountId: text(), day: text(), operation: text(), target: text(), code: text(), permission: text() };

/** A refusal that an auditor must see: somebody known reached for what is not theirs. */
export const operationRefused = message('identity.OperationRefused', attempt);
export const recordRefusedOperation = message('identity.RecordRefusedOperation', attempt);

export const identityEvents = [...accessEvents, ...staffEvents, ...tokenEvents, operationRefused] as const;
