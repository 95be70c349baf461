import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { type FieldError, invalid, refusal } from '../../kernel/refusal.js';
import {
  accessTokenIssued,
  accessTokenRevoked,
  type issueAccessToken,
  SCOPES,
  TOKEN_LIFE_DAYS,
  TOKEN_NAME,
  type TokenCommand,
  type TokenEvent,
  tokenEvents,
  TOKENS_MAX,
  type TokenService,
  tokensStream,
} from './tokens.messages.js';

type Token = Readonly<{
  tokenId: string;
  name: string;
  ownerId: string;
  issuedAt: string;
  expiresAt: string;
  revoked: boolean;
}>;
export type Tokens = readonly Token[];

const DAY_MS = 86_400_000;

const faultsOf = ({ service, name, scopes, lifeDays }: MessageOf<typeof issueAccessToken>['data']): FieldError[] => {
  const known: readonly string[] = SCOPES[service as TokenService] ?? [];
  const { min, max } = TOKEN_LIFE_DAYS;
  return [
    ...validate('name', name, TOKEN_NAME),
    ...(scopes.length === 0 ? [{ field: 'scopes', rule: 'required' } as const] : []),
    ...(scopes.every((scope) => known.includes(scope))
      ? []
      : [{ field: 'scopes', rule: 'oneOf', params: { values: known.join(', ') } } as const]),
    ...(lifeDays >= min && lifeDays <= max
      ? []
      : [{ field: 'lifeDays', rule: 'format', params: { format: `${min}-${max}` } } as const]),
  ];
};

const issue = (
  { data }: MessageOf<typeof issueAccessToken>,
  tokens: Tokens,
  { now, actor }: Moment,
): Outcome<TokenEvent> => {
  const { lifeDays, scopes, ...token } = data;
  // A token is its maker's own right made smaller; nobody makes one in another's name.
  if (actor.id !== data.ownerId) return refuse(refusal('NOT_PERMITTED', { permission: 'access tokens' }));
  const faults = faultsOf(data);
  if (faults.length > 0) return refuse(invalid(faults));
  const valid = tokens.filter(({ revoked, expiresAt }) => !revoked && now.toISOString() < expiresAt);
  if (valid.length >= TOKENS_MAX) return refuse(refusal('ACCESS_TOKEN_LIMIT', { max: TOKENS_MAX }));
  const expiresAt = new Date(now.getTime() + lifeDays * DAY_MS).toISOString();
  return accept(accessTokenIssued({ ...token, scopes: [...new Set(scopes)], issuedAt: now.toISOString(), expiresAt }));
};

/** The programs that act for a tenant. */
export const tokensDecider: Decider<Tokens, TokenCommand, TokenEvent> = {
  stream: ({ data }) => tokensStream(data.service, data.tenant),
  initial: [],
  events: tokenEvents,
  decide(command, tokens, moment) {
    const { service, tenant } = command.data;
    const revocation = (
      { tokenId, name, ownerId }: Token,
      reason: MessageOf<typeof accessTokenRevoked>['data']['reason'],
    ) => accessTokenRevoked({ service, tenant, tokenId, name, ownerId, reason });
    switch (command.type) {
      case 'identity.IssueAccessToken':
        return issue(command, tokens, moment);
      case 'identity.RevokeAccessToken': {
        const token = tokens.find(({ tokenId }) => tokenId === command.data.tokenId);
        if (!token) return refuse(refusal('NOT_FOUND'));
        return token.revoked ? refuse(refusal('ACCESS_TOKEN_REVOKED')) : accept(revocation(token, 'revoked'));
      }
      case 'identity.RevokeTokensOfOwner': {
        const { ownerId, reason, issuedUntil } = command.data;
        const isTheirs = (token: Token) => token.ownerId === ownerId && token.issuedAt <= issuedUntil;
        const theirs = tokens.filter((token) => isTheirs(token) && !token.revoked);
        return accept(...theirs.map((token) => revocation(token, reason)));
      }
      default:
        return unreachable(command);
    }
  },
  evolve(tokens, { type, data }) {
    switch (type) {
      case 'identity.AccessTokenIssued': {
        const { tokenId, name, ownerId, issuedAt, expiresAt } = data;
        return [...tokens, { tokenId, name, ownerId, issuedAt, expiresAt, revoked: false }];
      }
      case 'identity.AccessTokenRevoked':
        return tokens.map((token) => (token.tokenId === data.tokenId ? { ...token, revoked: true } : token));
      default:
        return unreachable(type);
    }
  },
};
