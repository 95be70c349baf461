import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { accounts, type StaffRow } from '../../../projections/accounts/projection.js';
import { findStaff, listStaff } from '../../../projections/accounts/queries.js';
import { inJapan } from '../../kernel/calendar.js';
import { derivedId } from '../../kernel/ids.js';
import type { Message } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { Passwords } from '../../platform/access/passwords.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Decided } from '../../platform/commands/sender.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import {
  ANSWERED,
  Answers,
  listOf,
  MayAsk,
  moment,
  oneOf,
  pageShape,
  shape,
  text,
  whole,
  yesNo,
} from '../../platform/http/documented.js';
import { Follows, OneOf, Trimmed } from '../../platform/http/follows.js';
import { Live } from '../../platform/http/live/live.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { Turns } from '../../platform/sql/one-at-a-time.js';
import { OutAtOnce } from './consequences.js';
import {
  accessIdOf,
  ADMINISTRATOR,
  deleteStaff,
  giveStaffRole,
  lockStaff,
  registerStaff,
  reissueStaffPassword,
  STAFF_ROLES,
  STAFF_SERVICE,
  staffIdOf,
  type StaffRole,
  unlockAccount,
  unlockStaff,
} from './messages.js';
import { LOGIN_ID, STAFF_NAME, staffDecider } from './staff.decider.js';

class NewStaffDto {
  @Follows({ kind: 'id', policy: LOGIN_ID }) loginId!: string;
  @Trimmed() @Follows(STAFF_NAME) name!: string;
  @OneOf(STAFF_ROLES) role!: StaffRole;
}
class RoleDto {
  @OneOf(STAFF_ROLES) role!: StaffRole;
}

const STAFF_FIELDS = {
  id: text,
  type: text,
  status: oneOf('active', 'locked'),
  loginId: text,
  name: text,
  role: oneOf(...STAFF_ROLES),
  mustChangePassword: yesNo,
  updatedAt: moment,
  actions: listOf(text),
};
const NOTICE = shape({ id: text, version: whole, notice: shape({ loginId: text, initialPassword: text }) });
const streamOf = (staffId: string): string => `staff-${staffId}`;

/** Accounts of the back office, for administrators. */
@Controller('back-office/staff')
@Only(ADMINISTRATOR)
export class StaffController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(OutAtOnce) private readonly outAtOnce: OutAtOnce,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Turns) private readonly turns: Turns,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Get()
  @Live([accounts])
  @MayAsk('cursor', 'limit')
  @Answers(200, pageShape(shape(STAFF_FIELDS)))
  async list(@From() caller: Caller, @Query('cursor') cursor?: string, @Query('limit') limit?: string) {
    const size = limitOf(limit);
    const after = placeOf(cursor);
    const rows = await this.readModels.query(accounts, (live) => listStaff(live, after, size + 1));
    return pageOf(rows, size, staffItem(caller), ({ login_id }) => [login_id, login_id]);
  }

  @Get(':staffId')
  @Live([accounts])
  @MayAsk('minVersion')
  @Answers(200, shape({ ...STAFF_FIELDS, version: whole }), 'NOT_FOUND')
  async one(@Param('staffId') staffId: string, @From() caller: Caller, @Query('minVersion') minVersion?: string) {
    await this.readModels.untilVersion(accounts, streamOf(staffId), minVersionOf(minVersion));
    const version = await this.readModels.versionOf(accounts, streamOf(staffId));
    const staff = await this.readModels.query(accounts, (live) => findStaff(live, staffId));
    if (!staff) throw new Refused(refusal('NOT_FOUND'));
    return { ...staffItem(caller)(staff), version };
  }

  @Post()
  @Answers(201, NOTICE, 'STAFF_EXISTS')
  @Header('cache-control', 'no-store')
  register(@Body() { loginId, name, role }: NewStaffDto, @From() caller: Caller) {
    const staffId = staffIdOf(loginId);
    return this.notice(caller, (credentialId) =>
      registerStaff({ staffId, loginId, name, role, credentialId, initialPassword: true }),
    );
  }

  /** For whoever forgot the password: a new initial one, shown this once. */
  @Post(':staffId/initial-password')
  @Answers(201, NOTICE, 'NOT_FOUND', 'OWN_ACCOUNT')
  @Header('cache-control', 'no-store')
  reissue(@Param('staffId') staffId: string, @From() caller: Caller) {
    return this.notice(caller, (credentialId) => reissueStaffPassword({ staffId, credentialId }));
  }

  @Put(':staffId/role')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'OWN_ACCOUNT')
  giveRole(@Param('staffId') staffId: string, @Body() { role }: RoleDto, @From() caller: Caller) {
    return this.change(caller, staffId, giveStaffRole({ staffId, role }));
  }

  @Post(':staffId/lock')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'OWN_ACCOUNT', 'STAFF_STATE_WRONG')
  @HttpCode(200)
  lock(@Param('staffId') staffId: string, @From() caller: Caller) {
    return this.change(caller, staffId, lockStaff({ staffId }));
  }

  @Post(':staffId/unlock')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'OWN_ACCOUNT', 'STAFF_STATE_WRONG')
  @HttpCode(200)
  unlock(@Param('staffId') staffId: string, @From() caller: Caller) {
    return this.change(caller, staffId, unlockStaff({ staffId }));
  }

  /** Releases the lock that wrong passwords left, which is another than the one that an administrator sets. */
  @Post(':staffId/release-login')
  @Answers(200, shape({ id: text }), 'NOT_FOUND')
  @HttpCode(200)
  async releaseLogin(@Param('staffId') staffId: string, @From() caller: Caller) {
    const staff = await this.readModels.query(accounts, (live) => findStaff(live, staffId));
    if (!staff) throw new Refused(refusal('NOT_FOUND'));
    const { login_id: loginId } = staff;
    const name = { accessId: accessIdOf(STAFF_SERVICE, '', loginId), service: STAFF_SERVICE, tenant: '', loginId };
    orRefuse(await this.commands.send(unlockAccount(name), this.senderOf(caller)));
    return { id: staffId };
  }

  @Delete(':staffId')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'OWN_ACCOUNT')
  @HttpCode(200)
  remove(@Param('staffId') staffId: string, @From() caller: Caller) {
    return this.change(caller, staffId, deleteStaff({ staffId }));
  }

  /** The only answer that ever shows an initial password. */
  private async notice(caller: Caller, command: (credentialId: string) => Message) {
    const credentialId = derivedId(caller.commandId, 'credential');
    const initialPassword = this.passwords.initial(credentialId);
    const send = () => this.commands.send(command(credentialId), this.senderOf(caller));
    const decided = await this.asAdministrator(caller, () =>
      this.passwords.keepFor(credentialId, initialPassword, send),
    );
    await this.outAtOnce.followNow(decided);
    const { events, version } = decided;
    const { staffId, loginId } = events[0]!.data as { staffId: string; loginId: string };
    return { id: staffId, version, notice: { loginId, initialPassword } };
  }

  private async change(caller: Caller, staffId: string, command: Message) {
    const decided = await this.asAdministrator(caller, () => this.commands.send(command, this.senderOf(caller)));
    await this.outAtOnce.followNow(decided);
    return { id: staffId, version: decided.version };
  }

  /**
   * One after the other, and each by somebody who is an administrator at that moment: nobody does this to the own account,
   * so one administrator is left whatever happens, also where two lock each other at once.
   */
  private asAdministrator(caller: Caller, send: () => Promise<Decided>): Promise<Decided> {
    return this.turns.take('staff', async () => {
      const { state } = await this.decisions.stateOf(staffDecider, streamOf(caller.session!.accountId));
      if (state?.status !== 'active' || state.role !== 'administrator') throw new Refused(refusal('NOT_LOGGED_IN'));
      return orRefuse(await send());
    });
  }

  private senderOf(caller: Caller) {
    return senderOf(caller, { service: STAFF_SERVICE, tenant: '' });
  }
}

const staffItem = (caller: Caller) => (staff: StaffRow) => ({
  id: staff.staff_id,
  type: 'staff',
  status: staff.locked === 1 ? 'locked' : 'active',
  loginId: staff.login_id,
  name: staff.name,
  role: staff.role,
  mustChangePassword: staff.initial_password === 1,
  updatedAt: inJapan(new Date(staff.updated_at)),
  actions:
    staff.staff_id === caller.session!.accountId
      ? ['changeOwnPassword']
      : [staff.locked === 1 ? 'unlock' : 'lock', 'giveRole', 'reissueInitialPassword', 'releaseLogin', 'delete'],
});
