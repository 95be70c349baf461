import { derivedId } from '../../kernel/ids.js';
import { message, type MessageOf } from '../../kernel/message.js';
import type { Policy } from '../../kernel/policies.js';
import { count, instant, listOf, oneOf, personal, text } from '../../kernel/schema.js';

/** What a program may be allowed, by service. A route that names none of these is for people only. */
export const SCOPES = {
  'client-portal': ['cases:read', 'users:read', 'users:write', 'setup:read', 'history:read'],
  'back-office': ['companies:read', 'companies:write', 'history:read'],
} as const satisfies Record<string, readonly string[]>;
export type TokenService = keyof typeof SCOPES;

export const TOKEN_NAME: Policy = { kind: 'name', policy: { min: 1, max: 64 } };
export const TOKEN_LIFE_DAYS = { min: 1, max: 366 } as const;
/** At a time, for one tenant. */
export const TOKENS_MAX = 20;

/** All tokens of a tenant stand in one stream, so that their number can be judged. */
const holder = { service: text(), tenant: text() };
const token = { ...holder, tokenId: text(), name: text() };

/** Never the token: the last four characters let its owner tell it from others. */
export const accessTokenIssued = message('identity.AccessTokenIssued', {
  ...token,
  ownerId: text(),
  ownerName: personal(text()),
  scopes: listOf(text()),
  issuedAt: instant(),
  expiresAt: instant(),
  lastFour: text(),
});
export const accessTokenRevoked = message('identity.AccessTokenRevoked', {
  ...token,
  ownerId: text(),
  reason: oneOf(['revoked', 'ownerLocked', 'ownerDeleted', 'ownerRoleChanged']),
});

export const tokenEvents = [accessTokenIssued, accessTokenRevoked] as const;
export type TokenEvent = MessageOf<(typeof tokenEvents)[number]>;

export const issueAccessToken = message('identity.IssueAccessToken', {
  ...token,
  ownerId: text(),
  ownerName: personal(text()),
  scopes: listOf(text()),
  lifeDays: count(),
  lastFour: text(),
});
export const revokeAccessToken = message('identity.RevokeAccessToken', { ...holder, tokenId: text() });
/** All that an owner has, when the owner may no longer act. */
export const revokeTokensOfOwner = message('identity.RevokeTokensOfOwner', {
  ...holder,
  ownerId: text(),
  reason: oneOf(['ownerLocked', 'ownerDeleted', 'ownerRoleChanged']),
  /** Later ones were made by somebody who may act again. */
  issuedUntil: instant(),
});

export const tokenCommands = [issueAccessToken, revokeAccessToken, revokeTokensOfOwner] as const;
export type TokenCommand = MessageOf<(typeof tokenCommands)[number]>;

export const tokensStream = (service: string, tenant: string): string =>
  `accessTokens-${derivedId('access tokens', service, tenant)}`;
