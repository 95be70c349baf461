import { Controller, Get, Inject, Query } from '@nestjs/common';
import { operationHistory } from '../../../projections/operation-history/projection.js';
import { type Filters, listHistory, type Order, type Scope } from '../../../projections/operation-history/queries.js';
import type { LineRow } from '../../../projections/operation-history/projection.js';
import { inJapan } from '../../kernel/calendar.js';
import { Asked, type Given } from '../../platform/http/asked.js';
import { type Caller, From } from '../../platform/http/caller.js';
import {
  Answers,
  listOf,
  MayAsk,
  moment,
  oneOf,
  orNull,
  pageShape,
  shape,
  text,
} from '../../platform/http/documented.js';
import { Live } from '../../platform/http/live/live.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { Only, Programs } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { AUDITOR, STAFF, STAFF_SERVICE } from '../identity/messages.js';
import { HistoryReads } from './commands.js';
import { partnerUserByUserId } from '../partners/lookups.js';

const CLIENT_PORTAL = 'client-portal';
const MANAGEMENT = { service: CLIENT_PORTAL, role: 'management', permission: 'operation history' } as const;
const E_CONTRACT = 'e-contract';
const MEMBER = { service: E_CONTRACT, role: 'member', permission: 'operation history' } as const;
const USER = { service: CLIENT_PORTAL, role: 'user', permission: 'operation history' } as const;

const FILTERS = ['service', 'tenant', 'user', 'operation', 'target', 'correlationId', 'from', 'to', 'result'] as const;
const KNOWN = [...FILTERS, 'order', 'cursor', 'limit'];

const filtersOf = (given: Given): Filters & Readonly<{ order?: Order }> => {
  const asked = new Asked(given, KNOWN);
  return asked.filters({
    service: asked.oneOf('service', [CLIENT_PORTAL, E_CONTRACT, STAFF_SERVICE]),
    tenant: asked.text('tenant'),
    user: asked.text('user'),
    operation: asked.text('operation'),
    target: asked.text('target'),
    correlationId: asked.text('correlationId'),
    from: asked.moment('from'),
    to: asked.moment('to'),
    result: asked.oneOf('result', ['success', 'refused']),
    order: asked.oneOf('order', ['newest', 'oldest']),
  });
};

const LINE = shape({
  id: text,
  at: moment,
  service: text,
  tenant: text,
  actor: shape({ kind: text, id: text, loginId: text, name: text }),
  onBehalfOf: orNull(text),
  operation: text,
  result: oneOf('success', 'refused'),
  code: orNull(text),
  correlationId: text,
  clientAddress: orNull(text),
  events: listOf({ type: 'object' }),
});

/** Who did what, when, and what came of it. */
@Controller()
export class OperationHistoryController {
  constructor(
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(HistoryReads) private readonly reads: HistoryReads,
  ) {}

  /** The management account sees its company's, a user its own. */
  @Get('client-portal/history')
  @Live([operationHistory])
  @MayAsk(...KNOWN)
  @Answers(200, pageShape(LINE))
  @Only(MANAGEMENT, USER)
  @Programs('history:read')
  own(@From() { session }: Caller, @Query() given: Given) {
    const { tenant, accountId, role } = session!;
    return this.page({ services: [CLIENT_PORTAL], tenant, actorId: role === 'management' ? null : accountId }, given);
  }

  /** A group administrator sees its group's, as long as it is one; everybody else the own. */
  @Get('e-contract/history')
  @MayAsk(...KNOWN)
  @Answers(200, pageShape(LINE))
  @Only(MEMBER)
  async ofGroup(@From() { session }: Caller, @Query() given: Given) {
    const { tenant, accountId, loginId } = session!;
    const user = await partnerUserByUserId(this.decisions, loginId);
    const all = user?.accountId === accountId && user.roles.includes('GROUP_ADMINISTRATOR');
    return this.page({ services: [E_CONTRACT], tenant, actorId: all ? null : accountId }, given);
  }

  @Get('back-office/history')
  @Live([operationHistory])
  @MayAsk(...KNOWN)
  @Answers(200, pageShape(LINE))
  @Only(STAFF, AUDITOR)
  @Programs('history:read')
  async all(@From() caller: Caller, @Query() given: Given) {
    const asked = filtersOf(given);
    if (given['cursor'] === undefined) await this.reads.record(caller, asked);
    return this.page({ services: [CLIENT_PORTAL, E_CONTRACT, STAFF_SERVICE], tenant: null, actorId: null }, given);
  }

  private async page(scope: Scope, given: Given) {
    const size = limitOf(given['limit']);
    const after = placeOf(given['cursor']);
    const { order = 'newest', ...filters } = filtersOf(given);
    const rows = await this.readModels.query(operationHistory, (live) =>
      listHistory(live, scope, filters, order, after, size + 1),
    );
    const item = scope.tenant === null ? lineItem : tenantsItem;
    return pageOf(rows, size, item, ({ at, line_id }) => [at, line_id]);
  }
}

const lineItem = (line: LineRow) => ({
  id: line.line_id,
  at: inJapan(new Date(line.at)),
  service: line.service,
  tenant: line.tenant,
  actor: { kind: line.actor_kind, id: line.actor_id, loginId: line.actor_login_id, name: line.actor_name },
  onBehalfOf: line.on_behalf_of,
  operation: line.operation,
  result: line.result,
  code: line.code,
  correlationId: line.correlation_id,
  clientAddress: line.client_address,
  events: JSON.parse(line.events) as unknown,
});

/** Tenants see that the back office did something, not which of its people did it, nor where they sit. */
const BACK_OFFICE = { kind: 'backOffice', id: STAFF_SERVICE, loginId: STAFF_SERVICE, name: 'back office' } as const;

const tenantsItem = (line: LineRow) => {
  const item = lineItem(line);
  const isOurs =
    line.actor_kind === 'backOffice' || (line.actor_kind === 'program' && line.on_behalf_of_kind === 'backOffice');
  return isOurs ? { ...item, actor: BACK_OFFICE, onBehalfOf: null, clientAddress: null } : item;
};
