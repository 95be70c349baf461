import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { applications } from '../../../projections/applications/projection.js';
import {
  type ApplicationRow,
  documentsSeenBy,
  type Filters,
  findApplication,
  listApplications,
} from '../../../projections/applications/queries.js';
import { inJapan } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import type { Message } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Asked, type Given } from '../../platform/http/asked.js';
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
  yesNo,
} from '../../platform/http/documented.js';
import { Trimmed, Written } from '../../platform/http/follows.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { limitOf, pageOf, placeOf } from '../../platform/http/paging.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { STAFF } from '../identity/messages.js';
import { TicketLookups } from '../tickets/lookups.js';
import { ApplicationAccess, senderAsStaff } from './access.js';
import { DETAILS, enteredOf } from './details.js';
import type { Entered } from './details.decider.js';
import {
  applicationStream,
  deleteIdentityDocument,
  orderIssuance,
  requestHolderLink,
  returnApplication,
  startApplicationReview,
  verifyIdentity,
  viewIdentityDocument,
} from './messages.js';
import { Papers } from './papers.js';
import { Partners } from './partners.js';
import { sameMail } from './registration.decider.js';
import { LRA, type Surroundings } from './site.js';
import { STATUSES } from './state.js';

class ReturnDto {
  @Trimmed() @Written(500) reason?: string;
}

const KNOWN = ['status', 'companyCode', 'holderUserId', 'overdue', 'cursor', 'limit'];

const QUEUE_ITEM = {
  id: text,
  type: oneOf('certificateApplication'),
  status: oneOf(...STATUSES),
  tenant: orNull(text),
  what: text,
  companyCode: orNull(text),
  applicantType: orNull(oneOf('self', 'agent')),
  termYears: orNull(whole),
  holder: orNull(shape({ userId: text, name: text })),
  waitingSince: moment,
  due: orNull(moment),
  overdue: yesNo,
  updatedAt: moment,
  actions: listOf(text),
};
const DOCUMENT = shape({ id: text, fileName: text, mediaType: text, sizeBytes: whole, sha256: text });
const ONE = shape({
  ...QUEUE_ITEM,
  version: whole,
  applicantMail: orNull(text),
  ticket: orNull(text),
  details: orNull(DETAILS),
  identityDocument: orNull(DOCUMENT),
  /** What the user record says against what was entered: for the reviewer to judge, not for a program. */
  compared: orNull(shape({ userExists: yesNo, isSigner: yesNo, mailIsTheUsers: yesNo })),
  verifiedBy: orNull(text),
  reason: orNull(text),
});
const STATE_CODES = ['NOT_FOUND', 'APPLICATION_STATE'] as const;

/** The LRA's desk: what waits for a review, and what is done about it. */
@Controller('back-office/applications')
@Only(STAFF)
export class ApplicationReviewController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(ApplicationAccess) private readonly access: ApplicationAccess,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(Papers) private readonly papers: Papers,
    @Inject(Partners) private readonly partners: Partners,
    @Inject(TicketLookups) private readonly tickets: TicketLookups,
    @Inject(LRA) private readonly surroundings: Surroundings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @MayAsk(...KNOWN)
  @Answers(200, pageShape(shape(QUEUE_ITEM)))
  async queue(@Query() given: Given, @From() caller: Caller) {
    const size = limitOf(given['limit']);
    const after = placeOf(given['cursor']);
    const filters = this.filtersOf(given);
    const rows = await this.readModels.query(applications, (live) => listApplications(live, filters, after, size + 1));
    const seen = await this.seenBy(caller, rows);
    return pageOf(
      rows,
      size,
      (row) => this.item(row, seen),
      (row) => [row.waiting_since, row.application_id],
    );
  }

  @Get(':applicationId')
  @MayAsk('minVersion')
  @Answers(200, ONE, 'NOT_FOUND')
  async one(
    @Param('applicationId') applicationId: string,
    @From() caller: Caller,
    @Query('minVersion') minVersion?: string,
  ) {
    const stream = applicationStream(applicationId);
    await this.readModels.untilVersion(applications, stream, minVersionOf(minVersion));
    const version = await this.readModels.versionOf(applications, stream);
    const row = await this.readModels.query(applications, (rows) => findApplication(rows, applicationId));
    if (!row) throw new Refused(refusal('NOT_FOUND'));
    const { document_id, document_name, document_type, document_bytes, document_sha256 } = row;
    return {
      ...this.item(row, await this.seenBy(caller, [row])),
      version,
      applicantMail: row.applicant_mail,
      ticket: row.ticket_id && this.tickets.maskedNumberOf(row.ticket_id),
      details: row.details && enteredOf(JSON.parse(row.details) as Entered),
      identityDocument: document_id && {
        id: document_id,
        fileName: document_name,
        mediaType: document_type,
        sizeBytes: document_bytes,
        sha256: document_sha256,
      },
      compared: await this.compared(row),
      verifiedBy: row.verifier,
      reason: row.reason,
    };
  }

  /** The scan itself. That somebody looked at it is recorded before it is shown. */
  @Get(':applicationId/identity-document')
  @Header('cache-control', 'no-store')
  @Answers(200, null, 'NOT_FOUND')
  async document(
    @Param('applicationId') applicationId: string,
    @From() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { state } = await this.access.stateOf(applicationId);
    const content = state.document && (await this.papers.open(state.document.documentId));
    if (!content) throw new Refused(refusal('NOT_FOUND'));
    const { documentId, fileName, mediaType } = state.document;
    await this.sent(caller, applicationId, viewIdentityDocument({ applicationId, documentId }));
    reply.header('content-type', mediaType);
    reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`);
    return new StreamableFile(Readable.from(content), { type: mediaType });
  }

  @Delete(':applicationId/identity-document')
  @HttpCode(200)
  @Answers(200, ANSWERED, ...STATE_CODES)
  remove(@Param('applicationId') applicationId: string, @From() caller: Caller) {
    return this.sent(caller, applicationId, deleteIdentityDocument({ applicationId }));
  }

  @Post(':applicationId/review')
  @Answers(201, ANSWERED, ...STATE_CODES)
  start(@Param('applicationId') applicationId: string, @From() caller: Caller) {
    return this.sent(caller, applicationId, startApplicationReview({ applicationId }));
  }

  @Post(':applicationId/identity-verification')
  @Answers(201, ANSWERED, ...STATE_CODES, 'IDENTITY_DOCUMENT_NOT_SEEN')
  verify(@Param('applicationId') applicationId: string, @From() caller: Caller) {
    return this.sent(caller, applicationId, verifyIdentity({ applicationId }));
  }

  /** The order; the certificate follows by itself, and the item says when it is there. */
  @Post(':applicationId/issuance')
  @HttpCode(202)
  @Answers(202, ANSWERED, ...STATE_CODES, 'SECOND_PERSON_REQUIRED')
  issue(@Param('applicationId') applicationId: string, @From() caller: Caller) {
    const { secondPersonRequired } = this.surroundings;
    return this.sent(caller, applicationId, orderIssuance({ applicationId, secondPersonRequired }));
  }

  @Post(':applicationId/return')
  @HttpCode(200)
  @Answers(200, ANSWERED, ...STATE_CODES)
  giveBack(@Param('applicationId') applicationId: string, @Body() { reason = '' }: ReturnDto, @From() caller: Caller) {
    return this.sent(caller, applicationId, returnApplication({ applicationId, reason }));
  }

  @Post(':applicationId/holder-link')
  @HttpCode(202)
  @Answers(202, ANSWERED, ...STATE_CODES, 'LINK_EXPIRED', 'HOLDER_LINK_LIMIT')
  holderLink(@Param('applicationId') applicationId: string, @From() caller: Caller) {
    return this.sent(caller, applicationId, requestHolderLink({ applicationId }));
  }

  private async sent(caller: Caller, applicationId: string, command: Message) {
    const { state } = await this.access.stateOf(applicationId);
    if (state.status === 'None') throw new Refused(refusal('NOT_FOUND'));
    const { version } = orRefuse(await this.commands.send(command, senderAsStaff(caller, applicationId, state)));
    return { id: applicationId, version };
  }

  private filtersOf(given: Given): Filters {
    const asked = new Asked(given, KNOWN);
    return asked.filters({
      status: asked.oneOf('status', STATUSES),
      companyCode: asked.text('companyCode'),
      holderUserId: asked.text('holderUserId'),
      overdueAt: asked.oneOf('overdue', ['true']) && this.clock.now().toISOString(),
    });
  }

  private async compared(row: ApplicationRow) {
    if (row.holder_user_id === null) return null;
    const { holderAccountId } = JSON.parse(row.details!) as { holderAccountId: string | null };
    const bearer = await this.partners.holderUser(row.holder_user_id);
    // Somebody who got the ID since is another user.
    const user = holderAccountId === null || bearer?.accountId === holderAccountId ? bearer : null;
    return {
      userExists: user !== null,
      isSigner: user?.roles.includes('SIGNER') ?? false,
      mailIsTheUsers: user?.mails.some((mail) => sameMail(mail, row.holder_mail!)) ?? false,
    };
  }

  /** The documents among these that the caller has looked at. */
  private seenBy({ session }: Caller, rows: readonly ApplicationRow[]): Promise<ReadonlySet<string>> {
    const ids = rows.map(({ document_id }) => document_id).filter((id) => id !== null);
    return this.readModels.query(applications, (live) => documentsSeenBy(live, session!.accountId, ids));
  }

  private item(row: ApplicationRow, seen: ReadonlySet<string>) {
    const { holder_user_id, holder_name, review_due_at } = row;
    return {
      id: row.application_id,
      type: 'certificateApplication',
      status: row.status,
      tenant: row.holder_tenant,
      what: `${row.term_years ?? '?'}-year signing certificate`,
      companyCode: row.company_code,
      applicantType: row.applicant_type,
      termYears: row.term_years,
      holder: holder_user_id && { userId: holder_user_id, name: holder_name },
      waitingSince: inJapan(new Date(row.waiting_since)),
      due: review_due_at && inJapan(new Date(review_due_at)),
      overdue: review_due_at !== null && review_due_at <= this.clock.now().toISOString(),
      updatedAt: inJapan(new Date(row.updated_at)),
      actions: actionsOf(row, seen),
    };
  }
}

const actionsOf = (row: ApplicationRow, seen: ReadonlySet<string>): readonly string[] => {
  if (row.status === 'AwaitingHolderApproval') return ['requestHolderLink'];
  if (row.status !== 'UnderReview' || row.issuance_ordered_at !== null)
    return row.document_id !== null && row.status !== 'UnderReview' ? ['deleteIdentityDocument'] : [];
  if (row.review_started_at === null) return ['startReview'];
  if (row.verified_at !== null) return ['issue', 'return'];
  return [seen.has(row.document_id!) ? 'verifyIdentity' : 'viewIdentityDocument', 'return'];
};
