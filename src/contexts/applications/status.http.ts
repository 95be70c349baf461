import { Controller, Get, Header, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { applications } from '../../../projections/applications/projection.js';
import { type ApplicationRow, findApplication } from '../../../projections/applications/queries.js';
import { inJapan } from '../../kernel/calendar.js';
import { refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { type Caller, From } from '../../platform/http/caller.js';
import { Answers, listOf, MayAsk, moment, oneOf, orNull, shape, text, whole } from '../../platform/http/documented.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Open } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { TicketLookups } from '../tickets/lookups.js';
import { ApplicationAccess, KEY_HEADER, senderAbout, TOKEN_HEADER } from './access.js';
import { frameAt, placeOf } from './frame.js';
import { type ApplicantType, applicationStream, requestHolderLink } from './messages.js';
import { FRAME, LRA, type Surroundings } from './site.js';
import { STATUSES, type Status } from './state.js';

/** Where nothing more is to be waited for, a polling client need not come back soon. */
const WAITING = [
  'AwaitingApplicantLink',
  'EnteringDetails',
  'HolderInSession',
  'AwaitingHolderApproval',
  'UnderReview',
];
const POLL_AGAIN_S = '10';

const ITEM = {
  id: text,
  type: oneOf('certificateApplication'),
  status: oneOf(...STATUSES),
  version: whole,
  updatedAt: moment,
  applicantType: orNull(oneOf('self', 'agent')),
  ticket: orNull(shape({ number: text, termYears: whole })),
  holder: orNull(shape({ userId: text, name: text })),
  deadlines: listOf(shape({ kind: oneOf('applicantLink', 'holderLink', 'review'), at: moment })),
  certificate: orNull(shape({ id: text, notBefore: moment, notAfter: moment })),
  reason: orNull(text),
  actions: listOf(text),
  frame: FRAME,
};

const HOLDERS = ['AwaitingHolderApproval'];

const deadlinesOf = ({ status, link_expires_at, review_due_at }: ApplicationRow) => [
  ...(link_expires_at === null
    ? []
    : [{ kind: HOLDERS.includes(status) ? 'holderLink' : 'applicantLink', at: inJapan(new Date(link_expires_at)) }]),
  ...(review_due_at === null ? [] : [{ kind: 'review', at: inJapan(new Date(review_due_at)) }]),
];

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  DutiesAgreed: ['confirm', 'register'],
  AwaitingApplicantLink: ['openLink'],
  EnteringDetails: ['uploadIdentityDocument', 'submit'],
  HolderInSession: ['approve', 'reject'],
  AwaitingHolderApproval: ['requestHolderLink'],
  Abandoned: ['beginAgain'],
  Revoked: ['beginAgain'],
  Expired: ['beginAgain'],
  RejectedByHolder: ['beginAgain'],
  Returned: ['beginAgain'],
};

/** The state of an application for whoever began it: to look at again and again. */
@Controller('e-contract/issuance/applications/:applicationId')
@Open()
export class ApplicationStatusController {
  constructor(
    @Inject(ApplicationAccess) private readonly access: ApplicationAccess,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(TicketLookups) private readonly tickets: TicketLookups,
    @Inject(LRA) private readonly surroundings: Surroundings,
  ) {}

  @Get()
  @MayAsk('minVersion')
  @ApiHeader({ name: KEY_HEADER, required: false })
  @ApiHeader({ name: TOKEN_HEADER, required: false })
  @Answers(200, shape(ITEM), 'NOT_FOUND')
  async status(
    @Param('applicationId') applicationId: string,
    @Headers(KEY_HEADER) key: string | undefined,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('minVersion') minVersion?: string,
  ) {
    await this.access.asApplicant(applicationId, key, token);
    const stream = applicationStream(applicationId);
    await this.readModels.untilVersion(applications, stream, minVersionOf(minVersion));
    const version = await this.readModels.versionOf(applications, stream);
    const row = await this.readModels.query(applications, (rows) => findApplication(rows, applicationId));
    if (!row) throw new Refused(refusal('NOT_FOUND'));
    if (WAITING.includes(row.status)) reply.header('retry-after', POLL_AGAIN_S);
    return this.item(row, version);
  }

  /** A new mail to the holder: the old link dies, the new one lives three days. */
  @Post('holder-link')
  @HttpCode(202)
  @RouteConfig(LOGIN_RATE)
  @Header('cache-control', 'no-store')
  @ApiHeader({ name: KEY_HEADER, required: false })
  @ApiHeader({ name: TOKEN_HEADER, required: false })
  @Answers(
    202,
    shape({ id: text, version: whole, expiresAt: moment }),
    ...(['NOT_FOUND', 'APPLICATION_STATE', 'LINK_EXPIRED', 'HOLDER_LINK_LIMIT'] as const),
  )
  async holderLink(
    @Param('applicationId') applicationId: string,
    @Headers(KEY_HEADER) key: string | undefined,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @From() caller: Caller,
  ) {
    const application = await this.access.asApplicant(applicationId, key, token);
    const sender = senderAbout(caller, applicationId, application);
    const { version, events } = orRefuse(await this.commands.send(requestHolderLink({ applicationId }), sender));
    const { expiresAt } = events[0]!.data as { expiresAt: string };
    return { id: applicationId, version, expiresAt: inJapan(new Date(expiresAt)) };
  }

  private item(row: ApplicationRow, version: number) {
    const { certificate_id, not_before, not_after, ticket_id, term_years, holder_user_id, holder_name } = row;
    const place = placeOf(row.status as Status, row.applicant_type as ApplicantType | null);
    return {
      id: row.application_id,
      type: 'certificateApplication',
      status: row.status,
      version,
      updatedAt: inJapan(new Date(row.updated_at)),
      applicantType: row.applicant_type,
      ticket: ticket_id && { number: this.tickets.maskedNumberOf(ticket_id), termYears: term_years },
      holder: holder_user_id && { userId: holder_user_id, name: holder_name },
      deadlines: deadlinesOf(row),
      certificate: certificate_id && {
        id: certificate_id,
        notBefore: inJapan(new Date(not_before!)),
        notAfter: inJapan(new Date(not_after!)),
      },
      reason: row.status === 'RejectedByHolder' ? null : row.reason,
      actions: ACTIONS[row.status] ?? [],
      frame: frameAt(this.surroundings.lra, place),
    };
  }
}
