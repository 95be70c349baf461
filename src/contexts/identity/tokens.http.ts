import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { accounts, type TokenRow } from '../../../projections/accounts/projection.js';
import { listTokens } from '../../../projections/accounts/queries.js';
import { inJapan } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { AccessTokens, lastFourOf, newToken } from '../../platform/access/tokens.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import {
  ANSWERED,
  Answers,
  listOf,
  MayAsk,
  moment,
  oneOf,
  orNull,
  pageShape,
  shape,
  text,
  whole,
} from '../../platform/http/documented.js';
import { Follows, SomeOf, Trimmed, WholeWithin } from '../../platform/http/follows.js';
import { Live } from '../../platform/http/live/live.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import {
  type accessTokenIssued,
  ADMINISTRATOR,
  issueAccessToken,
  revokeAccessToken,
  SCOPES,
  STAFF_SERVICE,
  TOKEN_LIFE_DAYS,
  TOKEN_NAME,
  tokensStream,
} from './messages.js';
import { staffDecider } from './staff.decider.js';

const CLIENT_PORTAL = 'client-portal';
const MANAGEMENT = { service: CLIENT_PORTAL, role: 'management', permission: 'access tokens' } as const;

class PortalTokenDto {
  @Trimmed() @Follows(TOKEN_NAME) name!: string;
  @SomeOf(SCOPES[CLIENT_PORTAL]) scopes!: string[];
  @WholeWithin(TOKEN_LIFE_DAYS) lifeDays!: number;
}
class StaffTokenDto {
  @Trimmed() @Follows(TOKEN_NAME) name!: string;
  @SomeOf(SCOPES[STAFF_SERVICE]) scopes!: string[];
  @WholeWithin(TOKEN_LIFE_DAYS) lifeDays!: number;
}
type NewToken = Readonly<{ name: string; scopes: readonly string[]; lifeDays: number }>;

const TOKEN = shape({
  id: text,
  type: text,
  status: oneOf('valid', 'expired', 'revoked'),
  name: text,
  scopes: listOf(text),
  owner: text,
  lastFour: text,
  issuedAt: moment,
  expiresAt: moment,
  lastUsedAt: orNull(moment),
  actions: listOf(text),
});
const TOKENS = pageShape(TOKEN, { version: whole });
/** `token` is null where a repeated request is answered: it was shown once and is not kept. */
const ISSUED = shape({ id: text, version: whole, token: orNull(text), expiresAt: moment });

/** Whose programs they are. */
type Holder = Readonly<{ service: string; tenant: string }>;

/** The same for every tenant: what programs there are, and making and ending them. */
export class TokenDesk {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list({ service, tenant }: Holder, given: Readonly<Record<string, string | undefined>>) {
    const size = limitOf(given['limit']);
    const after = placeOf(given['cursor']);
    const stream = tokensStream(service, tenant);
    await this.readModels.untilVersion(accounts, stream, minVersionOf(given['minVersion']));
    const version = await this.readModels.versionOf(accounts, stream);
    const rows = await this.readModels.query(accounts, (live) => listTokens(live, service, tenant, after, size + 1));
    const used = await this.tokens.lastUsed(rows.map(({ token_id }) => token_id));
    const now = this.clock.now();
    const item = (row: TokenRow) => tokenItem(row, used.get(row.token_id), now);
    return { ...pageOf(rows, size, item, ({ issued_at, token_id }) => [issued_at, token_id]), version };
  }

  async issue(caller: Caller, { name, scopes, lifeDays }: NewToken) {
    const { service, tenant, accountId, loginId, name: ownerName, kind, role } = caller.session!;
    const tokenId = derivedId(caller.commandId, 'access token');
    const token = newToken();
    const owner = { accountId, kind, service, tenant, loginId, name: ownerName, role };
    const issue = issueAccessToken({
      service,
      tenant,
      tokenId,
      name,
      scopes: [...scopes],
      lifeDays,
      ownerId: accountId,
      ownerName,
      lastFour: lastFourOf(token),
    });
    const { events, version } = orRefuse(await this.commands.send(issue, senderOf(caller, { service, tenant })));
    const issued = events[0]!.data as MessageOf<typeof accessTokenIssued>['data'];
    const expiresAt = new Date(issued.expiresAt);
    // Another's last four: a repeated request, whose token was shown to the first one.
    const first = issued.lastFour === lastFourOf(token);
    const kept = first && (await this.tokens.keep(token, { tokenId, name, scopes: issued.scopes, expiresAt, owner }));
    await this.assertStillIn(caller, tokenId);
    return { id: tokenId, version, token: kept ? token : null, expiresAt: inJapan(expiresAt) };
  }

  async revoke(caller: Caller, { service, tenant }: Holder, tokenId: string) {
    const revoke = revokeAccessToken({ service, tenant, tokenId });
    const { version } = orRefuse(await this.commands.send(revoke, senderOf(caller, { service, tenant })));
    await this.tokens.end(tokenId);
    return { id: tokenId, version };
  }

  /** Locked or deleted while the token was being made: that saw no token to end, so look again. */
  private async assertStillIn(caller: Caller, tokenId: string): Promise<void> {
    const { service, accountId, kind } = caller.session!;
    if (kind !== 'backOffice') return;
    const { state } = await this.decisions.stateOf(staffDecider, `staff-${accountId}`);
    if (state?.status === 'active' && state.role === caller.session!.role) return;
    const revoke = revokeAccessToken({ service, tenant: '', tokenId });
    const commandId = derivedId(caller.commandId, 'withdrawn');
    await this.tokens.end(tokenId);
    await this.commands.send(revoke, { ...senderOf(caller, { service, tenant: '' }), commandId });
    throw new Refused(refusal('NOT_LOGGED_IN'));
  }
}

/** What is alike for whoever gives programs access; each says for itself which scopes it may give. */
abstract class TokenRoutes {
  constructor(@Inject(TokenDesk) protected readonly desk: TokenDesk) {}

  @Get()
  @Live([accounts])
  @MayAsk('cursor', 'limit', 'minVersion')
  @Answers(200, TOKENS)
  list(@From() caller: Caller, @Query() given: Readonly<Record<string, string>>) {
    return this.desk.list(caller.session!, given);
  }

  @Delete(':tokenId')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'ACCESS_TOKEN_REVOKED')
  @HttpCode(200)
  revoke(@Param('tokenId') tokenId: string, @From() caller: Caller) {
    return this.desk.revoke(caller, caller.session!, tokenId);
  }
}

/** Programs of a client company. */
@Controller(`${CLIENT_PORTAL}/access-tokens`)
@Only(MANAGEMENT)
export class PortalTokensController extends TokenRoutes {
  @Post()
  @Answers(201, ISSUED, 'ACCESS_TOKEN_LIMIT')
  @Header('cache-control', 'no-store')
  issue(@Body() dto: PortalTokenDto, @From() caller: Caller) {
    return this.desk.issue(caller, dto);
  }
}

/** Programs of a client company, for the back office: the people who made them may be gone, or not to be trusted. */
@Controller(`${STAFF_SERVICE}/client-companies/:clientCode/access-tokens`)
@Only(ADMINISTRATOR)
export class CompanyTokensController {
  constructor(@Inject(TokenDesk) private readonly desk: TokenDesk) {}

  @Get()
  @Live([accounts])
  @MayAsk('cursor', 'limit', 'minVersion')
  @Answers(200, TOKENS)
  list(@Param('clientCode') tenant: string, @Query() given: Readonly<Record<string, string>>) {
    return this.desk.list({ service: CLIENT_PORTAL, tenant }, given);
  }

  @Delete(':tokenId')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'ACCESS_TOKEN_REVOKED')
  @HttpCode(200)
  revoke(@Param('clientCode') tenant: string, @Param('tokenId') tokenId: string, @From() caller: Caller) {
    return this.desk.revoke(caller, { service: CLIENT_PORTAL, tenant }, tokenId);
  }
}

/** Programs of the back office itself. */
@Controller(`${STAFF_SERVICE}/access-tokens`)
@Only(ADMINISTRATOR)
export class StaffTokensController extends TokenRoutes {
  @Post()
  @Answers(201, ISSUED, 'ACCESS_TOKEN_LIMIT')
  @Header('cache-control', 'no-store')
  issue(@Body() dto: StaffTokenDto, @From() caller: Caller) {
    return this.desk.issue(caller, dto);
  }
}

const statusOf = ({ revoked, expires_at }: TokenRow, now: Date) => {
  if (revoked === 1) return 'revoked';
  return now.toISOString() < expires_at ? 'valid' : 'expired';
};

const tokenItem = (row: TokenRow, usedAt: Date | undefined, now: Date) => ({
  id: row.token_id,
  type: 'accessToken',
  status: statusOf(row, now),
  name: row.name,
  scopes: row.scopes.split(' '),
  owner: row.owner_name,
  lastFour: row.last_four,
  issuedAt: inJapan(new Date(row.issued_at)),
  expiresAt: inJapan(new Date(row.expires_at)),
  lastUsedAt: usedAt ? inJapan(usedAt) : null,
  actions: row.revoked === 1 ? [] : ['revoke'],
});
