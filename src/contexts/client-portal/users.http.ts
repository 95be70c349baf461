import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { clientPortal } from '../../../projections/client-portal/projection.js';
import {
  findCompany,
  findUser,
  listUsers,
  type UserWithPermissions,
} from '../../../projections/client-portal/queries.js';
import type { Message } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { inJapan } from '../../kernel/calendar.js';
import { Passwords } from '../../platform/access/passwords.js';
import { Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import type { Decided } from '../../platform/commands/sender.js';
import { type Caller, From } from '../../platform/http/caller.js';
import {
  ANSWERED,
  Answers,
  bilingual,
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
import { Follows, Given, OptionalText, Repeats, Trimmed } from '../../platform/http/follows.js';
import { Live } from '../../platform/http/live/live.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only, Programs } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { companyStream, credentialIdOf, MANAGEMENT, senderTo, SERVICE, sessionOf } from './access.js';
import {
  createPortalUser,
  deletePortalUser,
  grantProcedurePermission,
  grantViewPermission,
  revokeProcedurePermission,
  revokeViewPermission,
} from './messages.js';

const { loginId, name, password } = POLICIES[SERVICE];

class NewUserDto {
  @Trimmed() @Follows({ kind: 'name', policy: name! }) displayName!: string;
  @Follows({ kind: 'id', policy: loginId! }) userId!: string;
  @Follows({ kind: 'password', policy: password! }) password!: string;
  @Repeats('password') passwordRepeat!: string;
}

class CaseChoiceDto {
  @Trimmed() @Given() acceptanceNumber!: string;
}

class ProcedureTickDto {
  /** The user ID of the present procedure user, sent once the person has agreed to the move. */
  @OptionalText() moveFrom?: string;
}

const USER_FIELDS = {
  id: text,
  type: text,
  status: oneOf('noPermission', 'viewUser', 'procedureUser'),
  displayName: text,
  userId: text,
  caseCount: whole,
  permissions: listOf(shape({ acceptanceNumber: text, standard: text, view: yesNo, procedure: yesNo })),
  updatedAt: moment,
  actions: listOf(text),
};
const USER_ITEM = shape(USER_FIELDS);

/** What the management account does: users and their permissions (its own password is in session.http). */
@Controller(`${SERVICE}/users`)
@Only(MANAGEMENT)
export class PortalUsersController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Get()
  @Live([clientPortal])
  @Programs('users:read')
  @MayAsk('cursor', 'limit', 'minVersion')
  @Answers(200, pageShape(USER_ITEM, { version: whole, actions: listOf(text) }))
  async list(
    @From() caller: Caller,
    @Query('cursor') cursor?: string,
    @Query('limit') limit?: string,
    @Query('minVersion') minVersion?: string,
  ) {
    const { tenant } = sessionOf(caller);
    const size = limitOf(limit);
    const after = placeOf(cursor);
    const version = await this.reached(tenant, minVersion);
    return this.readModels.query(clientPortal, async (rows) => {
      const users = await listUsers(rows, tenant, after, size + 1);
      const company = await findCompany(rows, tenant, companyStream(tenant));
      const actions = ['changeOwnPassword', ...(company && company.standards.length > 0 ? ['addUser'] : [])];
      return { ...pageOf(users, size, userItem, ({ user_id }) => [user_id, user_id]), version, actions };
    });
  }

  @Get(':accountId')
  @Live([clientPortal])
  @Programs('users:read')
  @MayAsk('minVersion')
  @Answers(200, shape({ ...USER_FIELDS, version: whole }), 'NOT_FOUND')
  async editor(
    @Param('accountId') accountId: string,
    @From() caller: Caller,
    @Query('minVersion') minVersion?: string,
  ) {
    const { tenant } = sessionOf(caller);
    const version = await this.reached(tenant, minVersion);
    const user = await this.readModels.query(clientPortal, (rows) => findUser(rows, tenant, accountId));
    if (!user) throw new Refused(refusal('NOT_FOUND'));
    return { ...userItem(user), version };
  }

  @Post()
  @Programs('users:write')
  @Answers(201, shape({ id: text, version: whole, next: bilingual }), 'USER_ID_TAKEN', 'USER_LIMIT')
  async create(@Body() dto: NewUserDto, @From() caller: Caller) {
    const { tenant: clientCode } = sessionOf(caller);
    const credentialId = credentialIdOf(caller);
    const { userId, displayName } = dto;
    const create = createPortalUser({ clientCode, userId, displayName, credentialId });
    const send = () => this.commands.send(create, senderTo(caller, clientCode));
    const decided = orRefuse(await this.passwords.keepFor(credentialId, dto.password, send));
    const { accountId } = decided.events[0]!.data as { accountId: string };
    return { id: accountId, version: decided.version, next: NEXT_AFTER_CREATION };
  }

  /** Nothing about a user can be edited; the route exists to say what to do instead. */
  @Patch(':accountId')
  @ApiParam({ name: 'accountId' })
  @Answers(200, ANSWERED, 'IMMUTABLE')
  edit(): never {
    throw new Refused(refusal('IMMUTABLE', { field: 'displayName, userId' }));
  }

  @Delete(':accountId')
  @Programs('users:write')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'MANAGEMENT_ACCOUNT_STAYS')
  @HttpCode(200)
  async remove(@Param('accountId') accountId: string, @From() caller: Caller) {
    const { tenant: clientCode } = sessionOf(caller);
    const { version } = await this.send(caller, deletePortalUser({ clientCode, accountId }));
    await this.sessions.endOf(accountId);
    return { id: accountId, version };
  }

  @Post(':accountId/view-permissions')
  @Programs('users:write')
  @Answers(201, ANSWERED, 'NOT_FOUND', 'VIEW_PERMISSION_EXISTS', 'VIEW_USER_LIMIT', 'USER_LIMIT')
  grantView(
    @Param('accountId') accountId: string,
    @Body() { acceptanceNumber }: CaseChoiceDto,
    @From() caller: Caller,
  ) {
    const grant = (clientCode: string) => grantViewPermission({ clientCode, accountId, acceptanceNumber });
    return this.change(caller, grant, accountId);
  }

  @Delete(':accountId/view-permissions/:acceptanceNumber')
  @Programs('users:write')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'PROCEDURE_PERMISSION_HELD')
  @HttpCode(200)
  revokeView(
    @Param('accountId') accountId: string,
    @Param('acceptanceNumber') acceptanceNumber: string,
    @From() caller: Caller,
  ) {
    const revoke = (clientCode: string) => revokeViewPermission({ clientCode, accountId, acceptanceNumber });
    return this.change(caller, revoke, accountId);
  }

  @Put(':accountId/procedure-permissions/:acceptanceNumber')
  @Programs('users:write')
  @Answers(
    200,
    ANSWERED,
    'NOT_FOUND',
    'VIEW_PERMISSION_FIRST',
    'PROCEDURE_PERMISSION_EXISTS',
    'PROCEDURE_USER_EXISTS',
    'VIEW_USER_LIMIT',
  )
  tick(
    @Param('accountId') accountId: string,
    @Param('acceptanceNumber') acceptanceNumber: string,
    @Body() { moveFrom = undefined }: ProcedureTickDto,
    @From() caller: Caller,
  ) {
    const grant = (clientCode: string) =>
      grantProcedurePermission({ clientCode, accountId, acceptanceNumber, moveFrom: moveFrom ?? null });
    return this.change(caller, grant, accountId);
  }

  @Delete(':accountId/procedure-permissions/:acceptanceNumber')
  @Programs('users:write')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'VIEW_USER_LIMIT')
  @HttpCode(200)
  untick(
    @Param('accountId') accountId: string,
    @Param('acceptanceNumber') acceptanceNumber: string,
    @From() caller: Caller,
  ) {
    const revoke = (clientCode: string) => revokeProcedurePermission({ clientCode, accountId, acceptanceNumber });
    return this.change(caller, revoke, accountId);
  }

  private async change(caller: Caller, command: (clientCode: string) => Message, id: string) {
    const { version } = await this.send(caller, command(sessionOf(caller).tenant));
    return { id, version };
  }

  private async send(caller: Caller, command: Message): Promise<Decided> {
    return orRefuse(await this.commands.send(command, senderTo(caller, sessionOf(caller).tenant)));
  }

  private async reached(clientCode: string, minVersion: string | undefined): Promise<number> {
    const stream = companyStream(clientCode);
    await this.readModels.untilVersion(clientPortal, stream, minVersionOf(minVersion));
    return this.readModels.versionOf(clientPortal, stream);
  }
}

const NEXT_AFTER_CREATION = {
  en: 'The user can do nothing yet: grant view permission, then procedure permission where needed.',
  ja: '作成しただけでは何も利用できません。続けて閲覧権限、必要に応じて手続き権限を付与してください。',
} as const;

const kindOf = ({ permissions }: UserWithPermissions): string => {
  if (permissions.some(({ procedure_user }) => procedure_user === 1)) return 'procedureUser';
  return permissions.length > 0 ? 'viewUser' : 'noPermission';
};

const userItem = (user: UserWithPermissions) => ({
  id: user.account_id,
  type: 'portalUser',
  status: kindOf(user),
  displayName: user.display_name,
  userId: user.user_id,
  caseCount: user.permissions.length,
  permissions: user.permissions.map(({ acceptance_number, standard, procedure_user }) => ({
    acceptanceNumber: acceptance_number,
    standard,
    view: true,
    procedure: procedure_user === 1,
  })),
  updatedAt: inJapan(new Date(user.updated_at)),
  actions: ['editPermissions', 'delete'],
});
