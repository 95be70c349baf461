import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { derivedId } from '../../kernel/ids.js';
import { idFaults } from '../../kernel/policies.js';
import { refusal } from '../../kernel/refusal.js';
import { OwnPasswords } from '../../platform/access/own-password.js';
import { Passwords } from '../../platform/access/passwords.js';
import { type Session, Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { actorOf, type Caller, From, senderAtLogin, senderOf } from '../../platform/http/caller.js';
import { browserOf, closeSession, openSession } from '../../platform/http/cookies.js';
import { ANSWERED, Answers, oneOf, shape, text, yesNo } from '../../platform/http/documented.js';
import { Follows, Given, Repeats } from '../../platform/http/follows.js';
import { LOGIN_RATE, LogsIn } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only, Open, PASSWORD_CHANGE } from '../../platform/http/session-guard.js';
import {
  accessIdOf,
  AUDITOR,
  changeStaffPassword,
  NOT_AN_ID,
  recordLogin,
  recordLogout,
  STAFF,
  STAFF_PASSWORD,
  STAFF_ROLES,
  STAFF_SERVICE,
  staffIdOf,
  strangerFrom,
} from './messages.js';
import { LOGIN_ID, type Staff, staffDecider } from './staff.decider.js';

class StaffLoginDto {
  @Given() loginId!: string;
  @Given() password!: string;
}

class StaffPasswordDto {
  @Given() currentPassword!: string;
  @Follows({ kind: 'password', policy: STAFF_PASSWORD }) newPassword!: string;
  @Repeats('newPassword') newPasswordRepeat!: string;
}

const ACCOUNT = shape({ id: text, name: text, kind: oneOf('backOffice', 'auditor'), role: oneOf(...STAFF_ROLES) });
const LOGGED_IN = shape({ account: ACCOUNT, mustChangePassword: yesNo, csrfToken: text });
/** Whoever has not changed the initial password yet. */
const NEWCOMER = { service: STAFF_SERVICE, role: PASSWORD_CHANGE, permission: 'back office' } as const;
const NO_TENANT = { service: STAFF_SERVICE, tenant: '' } as const;

const kindOf = ({ role }: Staff) => (role === 'auditor' ? 'auditor' : 'backOffice');
const accountOf = (staff: Staff) => ({ id: staff.staffId, name: staff.name, kind: kindOf(staff), role: staff.role });

/** Logging in and out of the back office, and what belongs to the person who is logged in. */
@Controller('back-office')
export class StaffSessionController {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(OwnPasswords) private readonly ownPasswords: OwnPasswords,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  @Post('sessions')
  @Answers(201, LOGGED_IN, 'CREDENTIALS_WRONG', 'ACCOUNT_LOCKED')
  @Open()
  @LogsIn()
  async logIn(
    @Body() { loginId, password }: StaffLoginDto,
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const staff = await this.usable(loginId);
    const proven = (await this.passwords.proven(staff?.credentialId ?? null, password)) !== null;
    const named = staff || idFaults(LOGIN_ID, loginId).length === 0 ? loginId : NOT_AN_ID;
    const name = { accessId: accessIdOf(STAFF_SERVICE, '', named), ...NO_TENANT, loginId: named };
    const { known, network, mark } = browserOf(request, this.sessions, name.accessId);
    const device = known ?? strangerFrom(network);
    const login = recordLogin({ ...name, device, accountId: staff?.staffId ?? null, proven });
    const sender = senderAtLogin(caller, NO_TENANT, proven ? actorOf(sessionFor(staff!)) : null);
    orRefuse(await this.commands.send(login, sender));

    const token = await openSession(request, reply, this.sessions, sessionFor(staff!), mark);
    // Locked, deleted or changed while it was being checked: that saw no session to end, so look again.
    const now = await this.usable(loginId);
    if (now?.credentialId !== staff!.credentialId || now.role !== staff!.role) {
      await this.sessions.end(token);
      throw new Refused(refusal('CREDENTIALS_WRONG'));
    }
    return {
      account: accountOf(now),
      mustChangePassword: now.initialPassword,
      csrfToken: this.sessions.csrfTokenOf(token),
    };
  }

  @Delete('sessions/current')
  @Answers(204, null)
  @Only(STAFF, AUDITOR, NEWCOMER)
  @HttpCode(204)
  async logOut(
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { accountId, loginId } = caller.session!;
    await this.sessions.end(caller.token!);
    closeSession(request, reply);
    const name = { accessId: accessIdOf(STAFF_SERVICE, '', loginId), ...NO_TENANT, loginId };
    await this.commands.send(recordLogout({ ...name, accountId }), senderOf(caller, NO_TENANT));
  }

  @Get('me')
  @Answers(200, shape({ account: ACCOUNT, loginId: text, mustChangePassword: yesNo, csrfToken: text }), 'NOT_FOUND')
  @Only(STAFF, AUDITOR, NEWCOMER)
  async me(@From() caller: Caller) {
    const staff = await this.usable(caller.session!.loginId);
    if (!staff) throw new Refused(refusal('NOT_FOUND'));
    return {
      account: accountOf(staff),
      loginId: staff.loginId,
      mustChangePassword: staff.initialPassword,
      csrfToken: this.sessions.csrfTokenOf(caller.token!),
    };
  }

  @Put('me/password')
  @Answers(200, ANSWERED, 'CURRENT_PASSWORD_WRONG', 'NOT_FOUND', 'STAFF_STATE_WRONG')
  @Only(STAFF, AUDITOR, NEWCOMER)
  @RouteConfig(LOGIN_RATE)
  async changePassword(@Body() { currentPassword, newPassword }: StaffPasswordDto, @From() caller: Caller) {
    const { accountId: staffId, loginId, role } = caller.session!;
    const staff = await this.usable(loginId);
    const credentialId = derivedId(caller.commandId, 'credential');
    const send = (provenCredentialId: string | null) =>
      this.commands.send(
        changeStaffPassword({ staffId, provenCredentialId, credentialId }),
        senderOf(caller, NO_TENANT),
      );
    const own = { token: caller.token!, accountId: staffId, inForce: staff?.credentialId ?? null };
    // What was closed until now is open with this.
    const entered = { currentPassword, credentialId, newPassword, role: staff?.role ?? role };
    const { version } = orRefuse(await this.ownPasswords.change({ ...own, ...entered }, send));
    return { id: staffId, version };
  }

  /** A locked or deleted account answers like one that never was. */
  private async usable(loginId: string): Promise<Staff | null> {
    const { state } = await this.decisions.stateOf(staffDecider, `staff-${staffIdOf(loginId)}`);
    return state?.status === 'active' ? state : null;
  }
}

const sessionFor = (staff: Staff): Session => ({
  ...NO_TENANT,
  accountId: staff.staffId,
  credentialId: staff.credentialId,
  kind: kindOf(staff),
  loginId: staff.loginId,
  name: staff.name,
  role: staff.initialPassword ? PASSWORD_CHANGE : staff.role,
});
