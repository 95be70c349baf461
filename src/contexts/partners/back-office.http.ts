import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { partners } from '../../../projections/partners/projection.js';
import {
  findCompany,
  listCompanies,
  listGroups,
  listMembers,
  listOwners,
} from '../../../projections/partners/queries.js';
import type { CompanyRow, GroupRow, OwnerRow, UserRow } from '../../../projections/partners/tables.js';
import { inJapan } from '../../kernel/calendar.js';
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
  pageShape,
  shape,
  text,
  whole,
} from '../../platform/http/documented.js';
import {
  Each,
  Follows,
  OptionalChoices,
  OptionallyFollows,
  OptionalText,
  Trimmed,
} from '../../platform/http/follows.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { accessIdOf, STAFF, unlockAccount } from '../identity/messages.js';
import { credentialIdOf } from './access.js';
import { directoryDecider, type PartnerCompany } from './directory.decider.js';
import { partnerUserByUserId } from './lookups.js';
import { USER_ITEM, userItem } from './items.http.js';
import {
  BRANCHES_MAX,
  COMPANY_CODE,
  DIRECTORY_STREAM,
  MAIL,
  partnerStream,
  partnerUserRegistered,
  PARTNER_NAME,
  PERSON_NAME,
  registerOwnerCompany,
  registerPartnerCompany,
  registerPartnerGroup,
  type Role,
  ROLES,
  SERVICE,
  TITLE,
  VENDOR_CODE,
} from './messages.js';
import { REGISTRANTS_MAX } from './registration.decider.js';

class OwnerCompanyDto {
  @Trimmed() @Follows({ kind: 'id', policy: COMPANY_CODE }) companyCode!: string;
  @Trimmed() @Follows(TITLE) name!: string;
}
class PartnerCompanyDto {
  @Trimmed() @Follows({ kind: 'id', policy: VENDOR_CODE }) vendorCode!: string;
  @Trimmed() @Follows(PARTNER_NAME) name!: string;
}
class PartnerRegistrantDto {
  @Trimmed() @Follows(PERSON_NAME) name!: string;
  @Trimmed() @Follows(MAIL) mail!: string;
  @Trimmed() @OptionallyFollows(MAIL) secondaryMail?: string;
  /** Left out: group administrator, because the registrants make the other users. */
  @OptionalChoices(ROLES) roles?: Role[];
}
class PartnerGroupDto {
  /** Left out where the company has one place of business. */
  @Trimmed() @OptionallyFollows(TITLE) officeName?: string;
  /** The days, YYYY-MM-DD, on which the papers came in; left out while one has not. */
  @OptionalText(10) issueRequestReceivedOn?: string;
  @OptionalText(10) termsConsentReceivedOn?: string;
  @Each(() => PartnerRegistrantDto, 1, REGISTRANTS_MAX) registrants!: PartnerRegistrantDto[];
}

const OWNER = shape({ id: text, type: text, name: text, updatedAt: moment, actions: listOf(text) });
const COMPANY_FIELDS = {
  id: text,
  type: text,
  companyCode: text,
  name: text,
  groupId: text,
  updatedAt: moment,
  actions: listOf(text),
};
const GROUP = shape({
  id: text,
  name: text,
  parentGroupId: text,
  issueRequestReceivedOn: text,
  termsConsentReceivedOn: text,
  updatedAt: moment,
  members: listOf(USER_ITEM),
});
const PARTNER = shape({ ...COMPANY_FIELDS, groups: listOf(GROUP), version: whole });
const REGISTERED = shape({ id: text, version: whole, userIds: listOf(text) });

/** What the back office does for the owner companies: who their partners are, and the first users of each office. */
@Controller('back-office')
@Only(STAFF)
export class PartnersBackOfficeController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Get('owner-companies')
  @MayAsk('cursor', 'limit', 'minVersion')
  @Answers(200, pageShape(OWNER, { version: whole }))
  async owners(
    @Query('cursor') cursor?: string,
    @Query('limit') limit?: string,
    @Query('minVersion') minVersion?: string,
  ) {
    const size = limitOf(limit);
    const after = placeOf(cursor);
    const version = await this.reached(DIRECTORY_STREAM, minVersion);
    const rows = await this.readModels.query(partners, (live) => listOwners(live, after, size + 1));
    return { ...pageOf(rows, size, ownerItem, ({ company_code }) => [company_code, company_code]), version };
  }

  @Post('owner-companies')
  @Answers(201, ANSWERED, 'OWNER_COMPANY_EXISTS')
  async registerOwner(@Body() owner: OwnerCompanyDto, @From() caller: Caller) {
    const { version } = await this.send(caller, '', registerOwnerCompany({ ...owner }));
    return { id: owner.companyCode, version };
  }

  @Get('owner-companies/:companyCode/partners')
  @MayAsk('cursor', 'limit', 'minVersion')
  @Answers(200, pageShape(shape(COMPANY_FIELDS), { version: whole }), 'NOT_FOUND')
  async partnersOf(
    @Param('companyCode') companyCode: string,
    @Query('cursor') cursor?: string,
    @Query('limit') limit?: string,
    @Query('minVersion') minVersion?: string,
  ) {
    const size = limitOf(limit);
    const after = placeOf(cursor);
    const version = await this.reached(DIRECTORY_STREAM, minVersion);
    const { owners } = await this.directory();
    if (!owners.has(companyCode)) throw new Refused(refusal('NOT_FOUND'));
    const rows = await this.readModels.query(partners, (live) => listCompanies(live, companyCode, after, size + 1));
    return { ...pageOf(rows, size, companyItem, ({ vendor_code }) => [vendor_code, vendor_code]), version };
  }

  @Post('owner-companies/:companyCode/partners')
  @Answers(201, ANSWERED, 'NOT_FOUND', 'PARTNER_COMPANY_EXISTS')
  async registerPartner(
    @Param('companyCode') companyCode: string,
    @Body() { vendorCode, name }: PartnerCompanyDto,
    @From() caller: Caller,
  ) {
    const register = registerPartnerCompany({ companyCode, vendorCode, name });
    const { version } = await this.send(caller, '', register);
    return { id: vendorCode, version };
  }

  @Get('partners/:vendorCode')
  @MayAsk('minVersion')
  @Answers(200, PARTNER, 'NOT_FOUND')
  async partner(@Param('vendorCode') vendorCode: string, @Query('minVersion') minVersion?: string) {
    const version = await this.reached(partnerStream(vendorCode), minVersion);
    return this.readModels.query(partners, async (live) => {
      const company = await findCompany(live, vendorCode);
      if (!company) throw new Refused(refusal('NOT_FOUND'));
      const groups = [];
      for (const group of await listGroups(live, vendorCode))
        groups.push(groupItem(group, await listMembers(live, group.group_id, null, BRANCHES_MAX)));
      return { ...companyItem(company), groups, version };
    });
  }

  /** One office: its papers, its group and its registrants, who get their IDs and initial passwords by mail. */
  @Post('partners/:vendorCode/groups')
  @Answers(
    201,
    REGISTERED,
    'NOT_FOUND',
    'DOCUMENT_MISSING',
    'GROUP_ADMINISTRATOR_NEEDED',
    'PARTNER_GROUP_EXISTS',
    'USER_LIMIT',
  )
  async registerGroup(@Param('vendorCode') vendorCode: string, @Body() group: PartnerGroupDto, @From() caller: Caller) {
    const company = (await this.directory()).partners.get(vendorCode);
    if (!company) throw new Refused(refusal('NOT_FOUND'));
    const credentialIds = group.registrants.map((_, index) => credentialIdOf(caller, index));
    const register = registrationOf(vendorCode, company, group, credentialIds);
    const send = () => this.commands.send(register, senderOf(caller, { service: SERVICE, tenant: '' }));
    const { events, version } = orRefuse(await this.keepingInitial(credentialIds, send));
    const { groupId } = events[0]!.data as { groupId: string };
    const joined = events.filter(({ type }) => type === partnerUserRegistered.type);
    return { id: groupId, version, userIds: joined.map(({ data }) => (data as { userId: string }).userId) };
  }

  @Post('partner-users/:userId/unlock')
  @Answers(200, shape({ userId: text }))
  @HttpCode(200)
  async unlock(@Param('userId') userId: string, @From() caller: Caller) {
    const tenant = (await partnerUserByUserId(this.decisions, userId))?.tenant ?? '';
    const name = { accessId: accessIdOf(SERVICE, '', userId), service: SERVICE, tenant, loginId: userId };
    await this.send(caller, tenant, unlockAccount(name));
    return { userId };
  }

  /** Each password is kept before the command that names it, and let go again if that is refused. */
  private keepingInitial(credentialIds: readonly string[], send: () => Promise<Decided>): Promise<Decided> {
    const [first, ...others] = credentialIds;
    if (first === undefined) return send();
    return this.passwords.keepFor(first, this.passwords.initial(first), () => this.keepingInitial(others, send));
  }

  private async directory() {
    return (await this.decisions.stateOf(directoryDecider, DIRECTORY_STREAM)).state;
  }

  private async send(caller: Caller, tenant: string, command: Message): Promise<Decided> {
    return orRefuse(await this.commands.send(command, senderOf(caller, { service: SERVICE, tenant })));
  }

  private async reached(stream: string, minVersion: string | undefined): Promise<number> {
    await this.readModels.untilVersion(partners, stream, minVersionOf(minVersion));
    return this.readModels.versionOf(partners, stream);
  }
}

const registrationOf = (
  vendorCode: string,
  { companyCode, name: companyName, groupId: companyGroupId }: PartnerCompany,
  { officeName, issueRequestReceivedOn, termsConsentReceivedOn, registrants }: PartnerGroupDto,
  credentialIds: readonly string[],
) =>
  registerPartnerGroup({
    ...{ vendorCode, companyCode, companyName, companyGroupId },
    officeName: officeName || null,
    issueRequestReceivedOn: issueRequestReceivedOn || null,
    termsConsentReceivedOn: termsConsentReceivedOn || null,
    registrants: registrants.map(({ name, mail, secondaryMail, roles }, index) => ({
      ...{ name, mail, secondaryMail: secondaryMail || null },
      roles: roles ?? ['GROUP_ADMINISTRATOR'],
      credentialId: credentialIds[index]!,
    })),
  });

const ownerItem = ({ company_code, name, updated_at }: OwnerRow) => ({
  id: company_code,
  type: 'ownerCompany',
  name,
  updatedAt: inJapan(new Date(updated_at)),
  actions: ['registerPartner'],
});

const companyItem = ({ vendor_code, company_code, name, group_id, updated_at }: CompanyRow) => ({
  id: vendor_code,
  type: 'partnerCompany',
  companyCode: company_code,
  name,
  groupId: group_id,
  updatedAt: inJapan(new Date(updated_at)),
  actions: ['registerGroup'],
});

const groupItem = (group: GroupRow, members: readonly UserRow[]) => ({
  id: group.group_id,
  name: group.name,
  parentGroupId: group.parent_group_id,
  issueRequestReceivedOn: group.issue_request_received_on,
  termsConsentReceivedOn: group.terms_consent_received_on,
  updatedAt: inJapan(new Date(group.updated_at)),
  members: members.map((member) => userItem(member, [])),
});
