import { Body, Controller, Delete, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Passwords } from '../../platform/access/passwords.js';
import { Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { closeSession, deviceMarkOf, openSession } from '../../platform/http/cookies.js';
import { Answers, oneOf, shape, text } from '../../platform/http/documented.js';
import { Given } from '../../platform/http/follows.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse } from '../../platform/http/refused.js';
import { Only, Open } from '../../platform/http/session-guard.js';
import { accessIdOf, recordLogin, recordLogout, STAFF, STAFF_SERVICE, staffIdOf, UNKNOWN_DEVICE } from './messages.js';
import { staffDecider } from './staff.decider.js';

class StaffLoginDto {
  @Given() loginId!: string;
  @Given() password!: string;
}

const LOGGED_IN = shape({ account: shape({ id: text, name: text, kind: oneOf('backOffice') }), csrfToken: text });

/** Logging in and out of the back office. */
@Controller('back-office/sessions')
export class StaffSessionController {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  @Post()
  @Answers(201, LOGGED_IN, 'CREDENTIALS_WRONG', 'ACCOUNT_LOCKED')
  @Open()
  @RouteConfig(LOGIN_RATE)
  async logIn(
    @Body() { loginId, password }: StaffLoginDto,
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const staffId = staffIdOf(loginId);
    const { state: staff } = await this.decisions.stateOf(staffDecider, `staff-${staffId}`);
    const proven = (await this.passwords.proven(staff?.credentialId ?? null, password)) !== null;
    const name = { accessId: accessIdOf(STAFF_SERVICE, '', loginId), service: STAFF_SERVICE, tenant: '', loginId };
    const device = this.sessions.deviceOf(name.accessId, deviceMarkOf(request)) ?? UNKNOWN_DEVICE;
    const login = recordLogin({ ...name, device, accountId: staff?.staffId ?? null, proven });
    orRefuse(await this.commands.send(login, senderOf(caller, { service: STAFF_SERVICE, tenant: '' })));

    const session = {
      accountId: staffId,
      credentialId: staff!.credentialId,
      kind: 'backOffice',
      service: STAFF_SERVICE,
      tenant: '',
      name: loginId,
      role: 'staff',
    } as const;
    const mark = this.sessions.deviceMark(name.accessId, device === UNKNOWN_DEVICE ? undefined : device);
    const token = await openSession(request, reply, this.sessions, session, mark);
    return {
      account: { id: staffId, name: staff!.name, kind: 'backOffice' },
      csrfToken: this.sessions.csrfTokenOf(token),
    };
  }

  @Delete('current')
  @Answers(204, null)
  @Only(STAFF)
  @HttpCode(204)
  async logOut(
    @From() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { accountId, name: loginId } = caller.session!;
    await this.sessions.end(caller.token!);
    closeSession(request, reply);
    const name = { accessId: accessIdOf(STAFF_SERVICE, '', loginId), service: STAFF_SERVICE, tenant: '', loginId };
    await this.commands.send(
      recordLogout({ ...name, accountId }),
      senderOf(caller, { service: STAFF_SERVICE, tenant: '' }),
    );
  }
}
