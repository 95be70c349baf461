import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { partners } from '../../../projections/partners/projection.js';
import { listMembers } from '../../../projections/partners/queries.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From } from '../../platform/http/caller.js';
import { Answers, listOf, MayAsk, orNull, shape, text, whole, yesNo } from '../../platform/http/documented.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { administratorOf, MEMBER, notThere, type Own } from './access.js';
import { USER_ITEM, userItem } from './items.http.js';
import { BRANCHES_MAX, PARTNERS_GROUP, partnerStream, SERVICE } from './messages.js';

const NODE = { groupId: text, groupName: text, parentGroupId: orNull(text), own: yesNo };
const TREE = shape({ items: listOf(shape(NODE)), version: whole });
const GROUP = shape({ ...NODE, parentGroupName: text, members: listOf(USER_ITEM), version: whole });

const ROOT = { groupId: PARTNERS_GROUP, groupName: '取引先', parentGroupId: null, own: false } as const;

/** From the partners down to the own group. Other offices, even of the same company, are not there. */
const pathOf = ({ partner, self }: Own) => {
  const own = partner.groups.find(({ groupId }) => groupId === self.groupId)!;
  const node = { groupId: own.groupId, groupName: own.name, parentGroupId: own.parentGroupId, own: true };
  if (own.parentGroupId === PARTNERS_GROUP) return [ROOT, node];
  const company = { groupId: own.parentGroupId, groupName: partner.companyName, parentGroupId: PARTNERS_GROUP };
  return [ROOT, { ...company, own: false }, node];
};

/** The group tree of user management. */
@Controller(`${SERVICE}/groups`)
@Only(MEMBER)
export class PartnerGroupsController {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  /** Each node names its parent; the first is the root. */
  @Get()
  @MayAsk('minVersion')
  @Answers(200, TREE)
  async tree(@From() caller: Caller, @Query('minVersion') minVersion?: string) {
    const own = await administratorOf(this.decisions, caller);
    const version = await this.reached(own, minVersion);
    return { items: pathOf(own), version };
  }

  @Get(':groupId')
  @MayAsk('minVersion')
  @Answers(200, GROUP, 'NOT_FOUND')
  async one(@Param('groupId') groupId: string, @From() caller: Caller, @Query('minVersion') minVersion?: string) {
    const own = await administratorOf(this.decisions, caller);
    if (own.self.groupId !== groupId) throw notThere();
    const version = await this.reached(own, minVersion);
    const path = pathOf(own);
    const rows = await this.readModels.query(partners, (live) => listMembers(live, groupId, null, BRANCHES_MAX));
    const members = rows.map((row) => userItem(row, ['edit', 'delete']));
    return { ...path.at(-1)!, parentGroupName: path.at(-2)!.groupName, members, version };
  }

  private async reached({ vendorCode }: Own, minVersion: string | undefined): Promise<number> {
    const stream = partnerStream(vendorCode);
    await this.readModels.untilVersion(partners, stream, minVersionOf(minVersion));
    return this.readModels.versionOf(partners, stream);
  }
}
