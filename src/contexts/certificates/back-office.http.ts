import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { certificates } from '../../../projections/certificates/projection.js';
import {
  findCertificate,
  findRequest,
  listCertificates,
  listRequests,
} from '../../../projections/certificates/queries.js';
import type { RequestRow } from '../../../projections/certificates/tables.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import type { Message } from '../../kernel/message.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { ANSWERED, Answers, MayAsk, pageShape, shape, whole } from '../../platform/http/documented.js';
import { Follows, Given, OneOf, OptionalOneOf } from '../../platform/http/follows.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { Pki } from '../../platform/pki/pki.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { STAFF } from '../identity/messages.js';
import { CERTIFICATE_FIELDS, certificateItem, REQUEST_FIELDS, REQUEST_STATUSES, requestItem } from './items.http.js';
import { certificateById } from './lookups.js';
import {
  certificateStream,
  dismissRevocationRequest,
  grantRevocationRequest,
  matchRevocationRequest,
  type Reason,
  REASONS,
  revokeCertificate,
  setRevocationRequestAside,
  STATEMENT,
} from './messages.js';
import { entered, SERVICE } from './register.js';

/** On whose word staff act; an application is granted where it lies. */
const BY = ['LRA', 'POLICY_BODY'] as const;

class RevocationDto {
  @OneOf(BY) by!: (typeof BY)[number];
  @OneOf(REASONS) reason!: Reason;
}
class GrantDto {
  @OptionalOneOf(REASONS) reason?: Reason | null;
}
class DismissalDto {
  @Follows(STATEMENT) note!: string;
}
class AssignmentDto {
  @Given(64) certificateId!: string;
}

type Filters = Readonly<Record<string, string | undefined>>;

/** What the registration authority does with certificates and with those who ask for their end. */
@Controller('back-office')
@Only(STAFF)
export class CertificatesBackOfficeController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(Pki) private readonly pki: Pki,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('certificates')
  @MayAsk('cursor', 'limit', 'tenant', 'holderUserId', 'serial')
  @Answers(200, pageShape(shape(CERTIFICATE_FIELDS)))
  async list(@Query() { cursor, limit, tenant, holderUserId, serial }: Filters) {
    const size = limitOf(limit);
    const after = placeOf(cursor);
    const filters = {
      ...(tenant === undefined ? {} : { tenant }),
      ...(holderUserId === undefined ? {} : { userId: holderUserId }),
      ...(serial === undefined ? {} : { serial }),
    };
    const rows = await this.readModels.query(certificates, (live) => listCertificates(live, filters, after, size + 1));
    const now = this.clock.now();
    return pageOf(
      rows,
      size,
      (row) => certificateItem(row, now),
      ({ not_before, certificate_id }) => [not_before, certificate_id],
    );
  }

  @Get('certificates/:certificateId')
  @MayAsk('minVersion')
  @Answers(200, shape({ ...CERTIFICATE_FIELDS, version: whole }), 'NOT_FOUND')
  async one(@Param('certificateId') certificateId: string, @Query('minVersion') minVersion?: string) {
    const stream = certificateStream(certificateId);
    await this.readModels.untilVersion(certificates, stream, minVersionOf(minVersion));
    const version = await this.readModels.versionOf(certificates, stream);
    const row = await this.readModels.query(certificates, (rows) => findCertificate(rows, certificateId));
    if (!row) throw new Refused(refusal('NOT_FOUND'));
    return { ...certificateItem(row, this.clock.now()), version };
  }

  @Post('certificates/:certificateId/revocation')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'CERTIFICATE_STATE')
  @HttpCode(200)
  revoke(@Param('certificateId') certificateId: string, @Body() { by, reason }: RevocationDto, @From() caller: Caller) {
    return this.change(caller, certificateId, revokeCertificate({ certificateId, by, reason }));
  }

  @Get('revocation-requests')
  @MayAsk('cursor', 'limit', 'status')
  @Answers(200, pageShape(shape(REQUEST_FIELDS)))
  async requests(@Query() { cursor, limit, status }: Filters) {
    const size = limitOf(limit);
    const after = placeOf(cursor);
    if (status !== undefined && !REQUEST_STATUSES.includes(status))
      throw new Refused(invalid([{ field: 'status', rule: 'oneOf', params: { values: REQUEST_STATUSES.join(', ') } }]));
    const rows = await this.readModels.query(certificates, (live) => listRequests(live, status, after, size + 1));
    const now = this.clock.now();
    return pageOf(
      rows,
      size,
      (row) => requestItem(row, now),
      ({ request }) => [request.requested_at, request.request_id],
    );
  }

  @Post('revocation-requests/:requestId/grant')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'CERTIFICATE_STATE', 'REVOCATION_REQUEST_DECIDED')
  @HttpCode(200)
  async grant(@Param('requestId') requestId: string, @Body() { reason = null }: GrantDto, @From() caller: Caller) {
    const { certificate_id: certificateId } = await this.requestNamed(requestId);
    // What names no certificate yet is assigned first.
    if (certificateId === null) throw new Refused(refusal('NOT_FOUND'));
    return this.change(caller, certificateId, grantRevocationRequest({ certificateId, requestId, reason }));
  }

  @Post('revocation-requests/:requestId/dismissal')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'CERTIFICATE_STATE', 'REVOCATION_REQUEST_DECIDED')
  @HttpCode(200)
  async dismiss(@Param('requestId') requestId: string, @Body() { note }: DismissalDto, @From() caller: Caller) {
    const { certificate_id: certificateId } = await this.requestNamed(requestId);
    if (certificateId !== null)
      return this.change(caller, certificateId, dismissRevocationRequest({ certificateId, requestId, note }));
    const sender = senderOf(caller, { service: SERVICE, tenant: '' });
    const { version } = orRefuse(await this.commands.send(setRevocationRequestAside({ requestId, note }), sender));
    return { id: requestId, version };
  }

  /** Somebody found out which certificate is meant by what nobody found. */
  @Post('revocation-requests/:requestId/assignment')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'CERTIFICATE_STATE', 'REVOCATION_REQUEST_DECIDED')
  @HttpCode(200)
  async assign(
    @Param('requestId') requestId: string,
    @Body() { certificateId }: AssignmentDto,
    @From() caller: Caller,
  ) {
    const certificate = await certificateById(this.decisions, certificateId, this.clock.now());
    if (!certificate) throw new Refused(refusal('NOT_FOUND'));
    const { status, tenant } = certificate;
    if (status !== 'issued' && status !== 'active') throw new Refused(refusal('CERTIFICATE_STATE', { status }));
    const match = matchRevocationRequest({ requestId, certificateId });
    const { version } = orRefuse(await this.commands.send(match, senderOf(caller, { service: SERVICE, tenant })));
    return { id: requestId, version };
  }

  private async change(caller: Caller, certificateId: string, command: Message) {
    // From the stream: what was issued a moment ago can be revoked, whatever the rows show yet.
    const certificate = await certificateById(this.decisions, certificateId, this.clock.now());
    if (!certificate) throw new Refused(refusal('NOT_FOUND'));
    const { tenant } = certificate;
    const decided = orRefuse(await this.commands.send(command, senderOf(caller, { service: SERVICE, tenant })));
    // Not left to the subscription alone: whoever is told "revoked" must not find it good a moment later.
    for (const event of decided.events) await entered(this.pki, event);
    return { id: certificateId, version: decided.version };
  }

  private async requestNamed(requestId: string): Promise<RequestRow> {
    const request = await this.readModels.query(certificates, (rows) => findRequest(rows, requestId));
    if (!request) throw new Refused(refusal('NOT_FOUND'));
    return request;
  }
}
