import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findCompany } from '../../../projections/client-portal/queries.js';
import { clientPortal } from '../../../projections/client-portal/projection.js';
import { idFaults } from '../../kernel/policies.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { refusal } from '../../kernel/refusal.js';
import { OwnPasswords } from '../../platform/access/own-password.js';
import { Passwords } from '../../platform/access/passwords.js';
import { type Session, Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { actorOf, type Caller, From, senderAtLogin } from '../../platform/http/caller.js';
import { browserOf, closeSession, openSession } from '../../platform/http/cookies.js';
import { ANSWERED, Answers, oneOf, orNull, shape, text } from '../../platform/http/documented.js';
import { Follows, Given, Repeats } from '../../platform/http/follows.js';
import { LOGIN_RATE, LogsIn } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only, Open } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { accessIdOf, NOT_AN_ID, recordLogin, recordLogout, strangerFrom } from '../identity/messages.js';
import { companyStream, credentialIdOf, MANAGEMENT, senderTo, SERVICE, sessionOf, USER } from './access.js';
import { clientCompanyDecider } from './decider.js';
import { changeOwnPassword, CLIENT_CODE } from './messages.js';
import { type ClientCompany, userOf } from './state.js';

class LoginDto {
  @Given() clientCode!: string;
  @Given() userId!: string;
  @Given() password!: string;
}

class PasswordChangeDto {
  @Given() currentPassword!: string;
  @Follows({ kind: 'password', policy: POLICIES[SERVICE].password! }) newPassword!: string;
  @Repeats('newPassword') newPasswordRepeat!: string;
}

const ACCOUNT = shape({ id: text, userId: text, kind: oneOf('management', 'user') });
const LANDS = oneOf('userManagement', 'topPage');
const LOGGED_IN = shape({ account: ACCOUNT, landing: LANDS, csrfToken: text });
const ME = shape({
  account: ACCOUNT,
  clientCode: text,
  companyName: orNull(text),
  landing: LANDS,
  csrfToken: text,
  banner: orNull(shape({ code: text, en: text, ja: text })),
});

const LANDING = { management: 'userManagement', user: 'topPage' } as const;

type Account = Readonly<{
  accountId: string;
  userId: string;
  name: string;
  credentialId: string;
  role: keyof typeof LANDING;
}>;

const accountNamed = (company: ClientCompany, userId: string): Account | null => {
  const { management, users } = company;
  // The management account is the company's: no name of a person was ever asked for.
  if (management?.userId === userId) return { ...management, name: userId, role: 'management' };
  const user = users.find((candidate) => candidate.userId === userId);
  return user ? { ...user, name: user.displayName, role: 'user' } : null;
};

const sessionFor = ({ accountId, userId, name, credentialId, role }: Account, clientCode: string): Session => ({
  ...{ accountId, credentialId, kind: 'user', role },
  ...{ service: SERVICE, tenant: clientCode, loginId: userId, name },
});

/** Logging in and out, and what belongs to the person who is logged in. */
@Controller(SERVICE)
export class PortalSessionController {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(OwnPasswords) private readonly ownPasswords: OwnPasswords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Post('sessions')
  @Answers(201, LOGGED_IN, 'CREDENTIALS_WRONG', 'ACCOUNT_LOCKED')
  @Open()
  @LogsIn()
  async logIn(
    @Body() { clientCode, userId, password }: LoginDto,
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const company = await this.companyOf(clientCode);
    const account = accountNamed(company, userId);
    const tenant = company.registered || idFaults(CLIENT_CODE, clientCode).length === 0 ? clientCode : NOT_AN_ID;
    const loginId = account || idFaults(POLICIES[SERVICE].loginId!, userId).length === 0 ? userId : NOT_AN_ID;
    const proven = (await this.passwords.proven(account?.credentialId ?? null, password)) !== null;
    const name = { accessId: accessIdOf(SERVICE, tenant, loginId), service: SERVICE, tenant, loginId };
    const { known, network, mark } = browserOf(request, this.sessions, name.accessId);
    const device = known ?? strangerFrom(network);
    const login = recordLogin({ ...name, device, accountId: account?.accountId ?? null, proven });
    const session = proven ? sessionFor(account!, clientCode) : null;
    const at = { service: SERVICE, tenant };
    orRefuse(await this.commands.send(login, senderAtLogin(caller, at, session && actorOf(session))));

    const { accountId, credentialId, role } = account!;
    const token = await openSession(request, reply, this.sessions, session!, mark);
    // Lost its force while it was being checked: that saw no session to end, so look again.
    if (accountNamed(await this.companyOf(clientCode), userId)?.credentialId !== credentialId) {
      await this.sessions.end(token);
      throw new Refused(refusal('CREDENTIALS_WRONG'));
    }
    return {
      account: { id: accountId, userId, kind: role },
      landing: LANDING[role],
      csrfToken: this.sessions.csrfTokenOf(token),
    };
  }

  @Delete('sessions/current')
  @Answers(204, null)
  @Only(MANAGEMENT, USER)
  @HttpCode(204)
  async logOut(
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { accountId, tenant, loginId } = sessionOf(caller);
    await this.sessions.end(caller.token!);
    closeSession(request, reply);
    const name = { accessId: accessIdOf(SERVICE, tenant, loginId), service: SERVICE, tenant, loginId };
    await this.commands.send(recordLogout({ ...name, accountId }), senderTo(caller, tenant));
  }

  @Get('me')
  @Answers(200, ME)
  @Only(MANAGEMENT, USER)
  async me(@From() caller: Caller) {
    const { accountId, loginId: userId, tenant, role } = sessionOf(caller);
    const company = await this.readModels.query(clientPortal, (rows) =>
      findCompany(rows, tenant, companyStream(tenant)),
    );
    const initialPassword = role === 'management' && company?.initial_password === 1;
    return {
      account: { id: accountId, userId, kind: role },
      clientCode: tenant,
      companyName: company?.name ?? null,
      landing: LANDING[role as keyof typeof LANDING],
      csrfToken: this.sessions.csrfTokenOf(caller.token!),
      banner: initialPassword ? BANNER : null,
    };
  }

  @Put('me/password')
  @Answers(200, ANSWERED, 'CURRENT_PASSWORD_WRONG')
  @Only(MANAGEMENT, USER)
  @RouteConfig(LOGIN_RATE)
  async changePassword(@Body() { currentPassword, newPassword }: PasswordChangeDto, @From() caller: Caller) {
    const { accountId, tenant, role } = sessionOf(caller);
    const company = await this.companyOf(tenant);
    const own = company.management?.accountId === accountId ? company.management : userOf(company, accountId);
    const credentialId = credentialIdOf(caller);
    const send = (provenCredentialId: string | null) =>
      this.commands.send(
        changeOwnPassword({ clientCode: tenant, provenCredentialId, credentialId }),
        senderTo(caller, tenant),
      );
    const login = { token: caller.token!, accountId, inForce: own?.credentialId ?? null };
    const entered = { currentPassword, credentialId, newPassword, role };
    const { version } = orRefuse(await this.ownPasswords.change({ ...login, ...entered }, send));
    return { id: accountId, version };
  }

  private async companyOf(clientCode: string): Promise<ClientCompany> {
    return (await this.decisions.stateOf(clientCompanyDecider, companyStream(clientCode))).state;
  }
}

const BANNER = {
  code: 'CHANGE_INITIAL_PASSWORD',
  en: 'Change the initial password.',
  ja: '初期パスワードを変更してください。',
} as const;
