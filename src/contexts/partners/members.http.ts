import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { certificates } from '../../../projections/certificates/projection.js';
import { findSection } from '../../../projections/certificates/queries.js';
import { partners } from '../../../projections/partners/projection.js';
import { findMember, listMembers } from '../../../projections/partners/queries.js';
import type { Message, MessageOf } from '../../kernel/message.js';
import { Passwords } from '../../platform/access/passwords.js';
import { Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From } from '../../platform/http/caller.js';
import { ANSWERED, Answers, MayAsk, pageShape, shape, listOf, text, whole } from '../../platform/http/documented.js';
import { Choices, Follows, Given, OptionallyFollows, Trimmed } from '../../platform/http/follows.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import {
  administratorOf,
  credentialIdOf,
  MEMBER,
  notThere,
  orRefuseNoting,
  senderWithin,
  vendorCodeOf,
} from './access.js';
import { USER_FIELDS, USER_ITEM, userItem } from './items.http.js';
import {
  changePartnerUser,
  createPartnerUser,
  deletePartnerUser,
  initialPasswordReissued,
  MAIL,
  partnerUserChanged,
  type partnerUserDeleted,
  partnerStream,
  PERSON_NAME,
  type Role,
  ROLES,
  SERVICE,
} from './messages.js';
import { SECTIONS, sectionsOf } from './sections.http.js';

class PartnerUserDto {
  @Trimmed() @Follows(PERSON_NAME) name!: string;
  @Trimmed() @Follows(MAIL) mail!: string;
  @Trimmed() @OptionallyFollows(MAIL) secondaryMail?: string;
  @Choices(ROLES) roles!: Role[];
}
class NewPartnerUserDto extends PartnerUserDto {
  /** The vendor code and a branch number of two digits. */
  @Given(32) userId!: string;
}

const attributesOf = ({ name, mail, secondaryMail, roles }: PartnerUserDto) => ({
  ...{ name, mail, roles },
  secondaryMail: secondaryMail || null,
});

const ACTIONS = ['edit', 'delete'];

/** What a group administrator does with the users of the own group; the rest of the world is not there. */
@Controller(`${SERVICE}/users`)
@Only(MEMBER)
export class PartnerMembersController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Get()
  @MayAsk('cursor', 'limit', 'minVersion')
  @Answers(200, pageShape(USER_ITEM, { version: whole, actions: listOf(text) }))
  async list(
    @From() caller: Caller,
    @Query('cursor') cursor?: string,
    @Query('limit') limit?: string,
    @Query('minVersion') minVersion?: string,
  ) {
    const size = limitOf(limit);
    const after = placeOf(cursor);
    const { self } = await administratorOf(this.decisions, caller);
    const version = await this.reached(caller, minVersion);
    const rows = await this.readModels.query(partners, (live) => listMembers(live, self.groupId, after, size + 1));
    const page = pageOf(
      rows,
      size,
      (row) => userItem(row, ACTIONS),
      ({ user_id }) => [user_id, user_id],
    );
    return { ...page, version, actions: ['createUser'] };
  }

  /** The detail: attributes for everybody, three more sections for a signer. */
  @Get(':userId')
  @MayAsk('minVersion')
  @Answers(
    200,
    shape({ ...USER_FIELDS, groupId: text, groupName: text, sections: SECTIONS, version: whole }),
    'NOT_FOUND',
  )
  async one(@Param('userId') userId: string, @From() caller: Caller, @Query('minVersion') minVersion?: string) {
    const { self, partner } = await administratorOf(this.decisions, caller);
    const version = await this.reached(caller, minVersion);
    const row = await this.readModels.query(partners, (live) => findMember(live, self.groupId, userId));
    if (!row) throw notThere();
    const group = partner.groups.find(({ groupId }) => groupId === self.groupId)!;
    const registered = await this.readModels.query(certificates, (live) => findSection(live, row.account_id));
    const sections = sectionsOf(row, partner.companyName, registered);
    return { ...userItem(row, ACTIONS), groupId: group.groupId, groupName: group.name, sections, version };
  }

  @Post()
  @Answers(201, ANSWERED, 'USER_ID_TAKEN')
  async create(@Body() dto: NewPartnerUserDto, @From() caller: Caller) {
    const credentialId = credentialIdOf(caller);
    const { userId } = dto;
    const create = createPartnerUser({ vendorCode: vendorCodeOf(caller), userId, ...attributesOf(dto), credentialId });
    const send = () => this.commands.send(create, senderWithin(caller));
    const initial = this.passwords.initial(credentialId);
    const { version } = orRefuseNoting(await this.passwords.keepFor(credentialId, initial, send));
    return { id: userId, version };
  }

  @Put(':userId')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'LAST_GROUP_ADMINISTRATOR')
  async edit(@Param('userId') userId: string, @Body() dto: PartnerUserDto, @From() caller: Caller) {
    const credentialId = credentialIdOf(caller);
    const person = { ...attributesOf(dto), credentialId };
    const change = changePartnerUser({ vendorCode: vendorCodeOf(caller), userId, ...person });
    const send = () => this.commands.send(change, senderWithin(caller));
    const initial = this.passwords.initial(credentialId);
    const { events, version, repeated } = orRefuseNoting(await this.passwords.keepFor(credentialId, initial, send));
    const changed = events.find(({ type }) => type === partnerUserChanged.type);
    if (changed && !repeated)
      await this.sessions.rename((changed.data as MessageOf<typeof partnerUserChanged>['data']).accountId, dto.name);
    const reissued = events.find(({ type }) => type === initialPasswordReissued.type);
    if (!reissued) await this.passwords.forget(credentialId);
    else if (!repeated)
      await this.sessions.endOf((reissued.data as MessageOf<typeof initialPasswordReissued>['data']).accountId);
    return { id: userId, version };
  }

  @Delete(':userId')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'LAST_GROUP_ADMINISTRATOR')
  @HttpCode(200)
  async remove(@Param('userId') userId: string, @From() caller: Caller) {
    const { events, version } = await this.send(
      caller,
      deletePartnerUser({ vendorCode: vendorCodeOf(caller), userId }),
    );
    const { accountId } = events[0]!.data as MessageOf<typeof partnerUserDeleted>['data'];
    await this.sessions.endOf(accountId);
    return { id: userId, version };
  }

  private async send(caller: Caller, command: Message) {
    return orRefuseNoting(await this.commands.send(command, senderWithin(caller)));
  }

  private async reached(caller: Caller, minVersion: string | undefined): Promise<number> {
    const stream = partnerStream(vendorCodeOf(caller));
    await this.readModels.untilVersion(partners, stream, minVersionOf(minVersion));
    return this.readModels.versionOf(partners, stream);
  }
}
