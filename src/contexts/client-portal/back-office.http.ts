import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { clientPortal } from '../../../projections/client-portal/projection.js';
import { findCompany, listCompanies } from '../../../projections/client-portal/queries.js';
import type { CompanyRow } from '../../../projections/client-portal/tables.js';
import { inJapan } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import type { Message } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { Passwords } from '../../platform/access/passwords.js';
import { Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Decided } from '../../platform/commands/sender.js';
import { type Caller, From } from '../../platform/http/caller.js';
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
import { Follows, Given, Trimmed } from '../../platform/http/follows.js';
import { Live } from '../../platform/http/live/live.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only, Programs } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { validTokensOf } from '../identity/lookups.js';
import { accessIdOf, STAFF, unlockAccount } from '../identity/messages.js';
import { companyStream, credentialIdOf, senderTo, SERVICE } from './access.js';
import {
  ACCEPTANCE_NUMBER,
  addCase,
  addStandard,
  CLIENT_CODE,
  issueManagementAccount,
  registerClientCompany,
  reissueInitialPassword,
  TITLE,
} from './messages.js';

class CompanyDto {
  @Trimmed() @Follows({ kind: 'id', policy: CLIENT_CODE }) clientCode!: string;
  @Trimmed() @Follows(TITLE) name!: string;
}
class StandardDto {
  @Trimmed() @Follows(TITLE) standard!: string;
}
class CaseDto {
  @Trimmed() @Follows({ kind: 'id', policy: ACCEPTANCE_NUMBER }) acceptanceNumber!: string;
  @Trimmed() @Follows(TITLE) standard!: string;
}
class AccountDto {
  @Follows({ kind: 'id', policy: POLICIES[SERVICE].loginId! }) userId!: string;
}
class UnlockDto {
  @Given() userId!: string;
}

const COMPANY_FIELDS = {
  id: text,
  type: text,
  status: oneOf('registered', 'settingUp', 'setUp'),
  name: text,
  managementUserId: orNull(text),
  updatedAt: moment,
  actions: listOf(text),
};
const COMPANY = shape({
  ...COMPANY_FIELDS,
  standards: listOf(text),
  cases: listOf(shape({ acceptanceNumber: text, standard: text })),
  version: whole,
});
const NOTICE_FIELDS = {
  id: text,
  version: whole,
  notice: shape({ clientCode: text, userId: text, initialPassword: text }),
};
const NOTICE = shape(NOTICE_FIELDS);
/** Programs of the company go on with a new initial password; whether they should is for a person to judge. */
const REISSUED = shape({ ...NOTICE_FIELDS, validAccessTokens: whole });

/** What staff of the certification body do for a client company. */
@Controller('back-office/client-companies')
@Only(STAFF)
export class PortalBackOfficeController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Get()
  @Live([clientPortal])
  @Programs('companies:read')
  @MayAsk('cursor', 'limit')
  @Answers(200, pageShape(shape(COMPANY_FIELDS)))
  async list(@Query('cursor') cursor?: string, @Query('limit') limit?: string) {
    const size = limitOf(limit);
    const after = placeOf(cursor);
    const rows = await this.readModels.query(clientPortal, (live) => listCompanies(live, after, size + 1));
    return pageOf(rows, size, companyItem, ({ client_code }) => [client_code, client_code]);
  }

  @Get(':clientCode')
  @Live([clientPortal])
  @Programs('companies:read')
  @MayAsk('minVersion')
  @Answers(200, COMPANY, 'NOT_FOUND')
  async one(@Param('clientCode') clientCode: string, @Query('minVersion') minVersion?: string) {
    const stream = companyStream(clientCode);
    await this.readModels.untilVersion(clientPortal, stream, minVersionOf(minVersion));
    const version = await this.readModels.versionOf(clientPortal, stream);
    const company = await this.readModels.query(clientPortal, (rows) => findCompany(rows, clientCode));
    if (!company) throw new Refused(refusal('NOT_FOUND'));
    const cases = company.cases.map(({ acceptance_number, standard }) => ({
      acceptanceNumber: acceptance_number,
      standard,
    }));
    return { ...companyItem(company), standards: company.standards, cases, version };
  }

  @Post()
  @Programs('companies:write')
  @Answers(201, ANSWERED, 'CLIENT_COMPANY_EXISTS')
  register(@Body() { clientCode, name }: CompanyDto, @From() caller: Caller) {
    return this.change(caller, clientCode, registerClientCompany({ clientCode, name }));
  }

  @Post(':clientCode/standards')
  @Programs('companies:write')
  @Answers(201, ANSWERED, 'NOT_FOUND', 'STANDARD_EXISTS')
  addStandard(@Param('clientCode') clientCode: string, @Body() { standard }: StandardDto, @From() caller: Caller) {
    return this.change(caller, clientCode, addStandard({ clientCode, standard }));
  }

  @Post(':clientCode/cases')
  @Programs('companies:write')
  @Answers(201, ANSWERED, 'NOT_FOUND', 'CASE_EXISTS')
  addCase(
    @Param('clientCode') clientCode: string,
    @Body() { acceptanceNumber, standard }: CaseDto,
    @From() caller: Caller,
  ) {
    return this.change(caller, clientCode, addCase({ clientCode, acceptanceNumber, standard }));
  }

  @Post(':clientCode/management-account')
  @Answers(201, NOTICE, 'NOT_FOUND', 'MANAGEMENT_ACCOUNT_EXISTS')
  @Header('cache-control', 'no-store')
  async issue(@Param('clientCode') clientCode: string, @Body() { userId }: AccountDto, @From() caller: Caller) {
    return this.notice(caller, clientCode, (credentialId) =>
      issueManagementAccount({ clientCode, userId, credentialId }),
    );
  }

  @Post(':clientCode/management-account/initial-password')
  @Answers(201, REISSUED, 'NOT_FOUND', 'MANAGEMENT_ACCOUNT_MISSING')
  @Header('cache-control', 'no-store')
  async reissue(@Param('clientCode') clientCode: string, @From() caller: Caller) {
    const notice = await this.notice(caller, clientCode, (credentialId) =>
      reissueInitialPassword({ clientCode, credentialId }),
    );
    const programs = { service: SERVICE, tenant: clientCode };
    return { ...notice, validAccessTokens: await validTokensOf(this.decisions, programs, this.clock.now()) };
  }

  @Post(':clientCode/unlock')
  @Answers(200, shape({ clientCode: text, userId: text }))
  @HttpCode(200)
  async unlock(@Param('clientCode') clientCode: string, @Body() { userId }: UnlockDto, @From() caller: Caller) {
    const name = {
      accessId: accessIdOf(SERVICE, clientCode, userId),
      service: SERVICE,
      tenant: clientCode,
      loginId: userId,
    };
    await this.send(caller, clientCode, unlockAccount(name));
    return { clientCode, userId };
  }

  /** The management account notice: the only place where the initial password is ever shown. */
  private async notice(caller: Caller, clientCode: string, command: (credentialId: string) => Message) {
    const credentialId = credentialIdOf(caller);
    const initialPassword = this.passwords.initial(credentialId);
    const send = () => this.commands.send(command(credentialId), senderTo(caller, clientCode));
    const { events, version, repeated } = orRefuse(await this.passwords.keepFor(credentialId, initialPassword, send));
    const { accountId, userId } = events[0]!.data as Issued;
    // Whoever is logged in as this account is out, however that came about; a late repetition finds others there.
    if (!repeated) await this.sessions.endOf(accountId);
    return { id: accountId, version, notice: { clientCode, userId, initialPassword } };
  }

  private async change(caller: Caller, clientCode: string, command: Message) {
    const { version } = await this.send(caller, clientCode, command);
    return { id: clientCode, version };
  }

  private async send(caller: Caller, clientCode: string, command: Message): Promise<Decided> {
    return orRefuse(await this.commands.send(command, senderTo(caller, clientCode)));
  }
}

type Issued = Readonly<{ accountId: string; userId: string }>;

const companyItem = (company: CompanyRow) => ({
  id: company.client_code,
  type: 'clientCompany',
  status: company.completed_at ? 'setUp' : company.management_account_id ? 'settingUp' : 'registered',
  name: company.name,
  managementUserId: company.management_user_id,
  updatedAt: inJapan(new Date(company.updated_at)),
  actions: [
    'addStandard',
    'addCase',
    company.management_account_id ? 'reissueInitialPassword' : 'issueManagementAccount',
  ],
});
