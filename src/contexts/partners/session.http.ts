import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { partners } from '../../../projections/partners/projection.js';
import { bearersOfMail } from '../../../projections/partners/queries.js';
import { validate } from '../../kernel/policies.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { OwnPasswords } from '../../platform/access/own-password.js';
import { Passwords } from '../../platform/access/passwords.js';
import { type Session, Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { actorOf, type Caller, From, senderAtLogin } from '../../platform/http/caller.js';
import { browserOf, closeSession, openSession } from '../../platform/http/cookies.js';
import { ANSWERED, Answers, listOf, oneOf, shape, text, whole, yesNo } from '../../platform/http/documented.js';
import { DiffersFrom, Follows, Given, Repeats } from '../../platform/http/follows.js';
import { LOGIN_RATE, LogsIn } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only, Open, PASSWORD_CHANGE } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { accessIdOf, NOT_AN_ID, recordLogin, recordLogout, strangerFrom } from '../identity/messages.js';
import {
  credentialIdOf,
  MEMBER,
  MEMBER_ROLE,
  NEWCOMER,
  ownOf,
  partnerOf,
  senderWithin,
  sessionOf,
  vendorCodeOf,
} from './access.js';
import { changeOwnPassword, MAIL, partsOf, type Role, ROLES, SERVICE } from './messages.js';
import { type Member, memberNamed } from './state.js';

const PASSWORD = POLICIES[SERVICE].password!;

class PartnerLoginDto {
  /** The user ID, or a mail address that only one user has. */
  @Given() userId!: string;
  @Given() password!: string;
}

class PartnerPasswordChangeDto {
  @Given() currentPassword!: string;
  @Follows({ kind: 'password', policy: PASSWORD }) @DiffersFrom('currentPassword') newPassword!: string;
  @Repeats('newPassword') newPasswordRepeat!: string;
}

const ACCOUNT = shape({ id: text, userId: text, name: text });
const LOGGED_IN = shape({ account: ACCOUNT, landing: oneOf('passwordChange', 'menu'), csrfToken: text });
const ME = shape({
  account: ACCOUNT,
  groupId: text,
  companyCode: text,
  companyName: text,
  roles: listOf(oneOf(...ROLES)),
  may: shape({ manageUsers: yesNo, approve: yesNo, sign: yesNo }),
  tabs: listOf(oneOf('standard', 'management')),
  csrfToken: text,
});
const CHANGE_PAGE = shape({
  rule: shape({ min: whole, max: whole, mandatory: listOf(text) }),
  initial: yesNo,
  csrfToken: text,
});

/**
 * Whom a sign-in name means: one user, nobody, or several of whom it cannot be said which. An address that nobody has is
 * counted, and not kept: it may be anybody's.
 */
type Named = Readonly<{ loginId: string; counted?: string; member: Member | null; shared: boolean }>;

const sessionFor = ({ accountId, userId, name, credentialId, initialPassword }: Member, tenant: string): Session => ({
  ...{ accountId, credentialId, kind: 'user', role: initialPassword ? PASSWORD_CHANGE : MEMBER_ROLE },
  ...{ service: SERVICE, tenant, loginId: userId, name },
});

/** Logging in and out, and what belongs to the person who is logged in. */
@Controller(SERVICE)
export class PartnerSessionController {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(OwnPasswords) private readonly ownPasswords: OwnPasswords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Post('sessions')
  @Answers(201, LOGGED_IN, 'USER_ID_OR_PASSWORD_WRONG', 'USER_ID_NEEDED', 'ACCOUNT_LOCKED')
  @Open()
  @LogsIn()
  async logIn(
    @Body() { userId: typed, password }: PartnerLoginDto,
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { loginId, counted = loginId, member, shared } = await this.named(typed);
    const proven = (await this.passwords.proven(member?.credentialId ?? null, password)) !== null;
    const tenant = member?.groupId ?? '';
    const name = { accessId: accessIdOf(SERVICE, '', counted), service: SERVICE, tenant, loginId };
    const { known, network, mark } = browserOf(request, this.sessions, name.accessId);
    const device = known ?? strangerFrom(network);
    const login = recordLogin({ ...name, device, accountId: member?.accountId ?? null, proven });
    const session = proven ? sessionFor(member!, tenant) : null;
    const sender = senderAtLogin(caller, { service: SERVICE, tenant }, session && actorOf(session));
    const decided = await this.commands.send(login, sender);
    if (decided.refusal) throw new Refused(shared ? orNeeded(decided.refusal) : decided.refusal);

    const { accountId, userId, credentialId, initialPassword } = member!;
    const token = await openSession(request, reply, this.sessions, session!, mark);
    // Lost its force while it was being checked: that saw no session to end, so look again.
    if ((await this.bearerOf(userId))?.credentialId !== credentialId) {
      await this.sessions.end(token);
      throw new Refused(refusal('USER_ID_OR_PASSWORD_WRONG'));
    }
    return {
      account: { id: accountId, userId, name: member!.name },
      landing: initialPassword ? 'passwordChange' : 'menu',
      csrfToken: this.sessions.csrfTokenOf(token),
    };
  }

  @Delete('sessions/current')
  @Answers(204, null)
  @Only(MEMBER, NEWCOMER)
  @HttpCode(204)
  async logOut(
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { accountId, tenant, loginId } = sessionOf(caller);
    await this.sessions.end(caller.token!);
    closeSession(request, reply);
    const name = { accessId: accessIdOf(SERVICE, '', loginId), service: SERVICE, tenant, loginId };
    await this.commands.send(recordLogout({ ...name, accountId }), senderWithin(caller));
  }

  @Get('me')
  @Answers(200, ME)
  @Only(MEMBER)
  async me(@From() caller: Caller) {
    const { self, partner } = await ownOf(this.decisions, caller);
    const { accountId: id, userId, name, groupId, roles } = self;
    return {
      account: { id, userId, name },
      groupId,
      companyCode: partner.companyCode,
      companyName: partner.companyName,
      roles,
      may: permissionsOf(roles),
      tabs: ['standard', ...(roles.includes('GROUP_ADMINISTRATOR') ? ['management'] : [])],
      csrfToken: this.sessions.csrfTokenOf(caller.token!),
    };
  }

  /** The one page that somebody with an initial password can open. */
  @Get('me/password')
  @Answers(200, CHANGE_PAGE)
  @Only(MEMBER, NEWCOMER)
  changePage(@From() caller: Caller) {
    const { min, max, mandatory } = PASSWORD;
    const initial = sessionOf(caller).role === PASSWORD_CHANGE;
    return { rule: { min, max, mandatory }, initial, csrfToken: this.sessions.csrfTokenOf(caller.token!) };
  }

  @Put('me/password')
  @Answers(200, ANSWERED, 'CURRENT_PASSWORD_WRONG')
  @Only(MEMBER, NEWCOMER)
  @RouteConfig(LOGIN_RATE)
  async changePassword(@Body() { currentPassword, newPassword }: PartnerPasswordChangeDto, @From() caller: Caller) {
    const { accountId } = sessionOf(caller);
    const { self } = await ownOf(this.decisions, caller);
    const credentialId = credentialIdOf(caller);
    const send = (provenCredentialId: string | null) =>
      this.commands.send(
        changeOwnPassword({ vendorCode: vendorCodeOf(caller), provenCredentialId, credentialId }),
        senderWithin(caller),
      );
    const login = { token: caller.token!, accountId, inForce: self.credentialId };
    const entered = { currentPassword, credentialId, newPassword, role: MEMBER_ROLE };
    const { version } = orRefuse(await this.ownPasswords.change({ ...login, ...entered }, send));
    return { id: accountId, version };
  }

  /** The read model only says where to look; who has the address now, the streams say. */
  private async named(typed: string): Promise<Named> {
    if (!typed.includes('@')) {
      const loginId = partsOf(typed) ? typed : NOT_AN_ID;
      return { loginId, member: await this.bearerOf(typed), shared: false };
    }
    // In small letters, so that tries under one address are counted as such, whoever has it.
    const mail = typed.trim().toLowerCase();
    if (validate('mail', mail, MAIL).length > 0) return { loginId: NOT_AN_ID, member: null, shared: false };
    const [first, ...others] = await this.readModels.query(partners, (rows) => bearersOfMail(rows, mail));
    if (others.length > 0) return { loginId: mail, member: null, shared: true };
    const nobody = { loginId: NOT_AN_ID, counted: mail, member: null, shared: false };
    const member = first ? await this.bearerOf(first.userId) : null;
    if (member?.mail.toLowerCase() !== mail) return nobody;
    return { loginId: member.userId, member, shared: false };
  }

  private async bearerOf(userId: string): Promise<Member | null> {
    const parts = partsOf(userId);
    // An impossible ID takes the way of one that nobody bears.
    return (parts && memberNamed(await partnerOf(this.decisions, parts.vendorCode), userId)) ?? null;
  }
}

/** A lock is told; otherwise the person learns what to type instead. */
const orNeeded = (refused: Refusal): Refusal =>
  refused.code === 'ACCOUNT_LOCKED' ? refused : refusal('USER_ID_NEEDED');

/** What the roles allow. Approving takes the approver permission, whatever else somebody is. */
const permissionsOf = (roles: readonly Role[]) => ({
  manageUsers: roles.includes('GROUP_ADMINISTRATOR'),
  approve: roles.includes('APPROVER'),
  sign: roles.includes('SIGNER'),
});
