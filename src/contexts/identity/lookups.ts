import type { Decisions } from '../../platform/commands/decisions.js';
import { tokensDecider } from './tokens.decider.js';
import { tokensStream } from './tokens.messages.js';

/** How many programs of a tenant can act now. */
export const validTokensOf = async (
  decisions: Decisions,
  { service, tenant }: Readonly<{ service: string; tenant: string }>,
  now: Date,
): Promise<number> => {
  const { state } = await decisions.stateOf(tokensDecider, tokensStream(service, tenant));
  return state.filter(({ revoked, expiresAt }) => !revoked && now.toISOString() < expiresAt).length;
};
