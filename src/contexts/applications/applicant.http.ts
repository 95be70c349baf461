import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Body, Controller, Get, Header, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { partners as partnersReadModel } from '../../../projections/partners/projection.js';
import { vendorsOfMail } from '../../../projections/partners/queries.js';
import { inJapan } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { type Caller, From, havingRead } from '../../platform/http/caller.js';
import {
  Answers,
  bilingual,
  MayAsk,
  moment,
  oneOf,
  orNull,
  shape,
  text,
  whole,
} from '../../platform/http/documented.js';
import { STREAMED } from '../../platform/http/files.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Open } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { ApplicationAccess, type Reached, senderAbout, TOKEN_HEADER } from './access.js';
import { detailsFaults, type Entered, holderFault } from './details.decider.js';
import { DETAILS, DetailsDto, enteredOf } from './details.js';
import { AGENT_DONE, DETAILS_GUIDANCE, SELF_GOES_ON } from './duties.js';
import { frameAt } from './frame.js';
import { linkFault } from './links.decider.js';
import {
  APPLICANT_TYPES,
  attachIdentityDocument,
  downloadApplicationSummary,
  openApplicationLink,
  submitIssuanceApplication,
} from './messages.js';
import { Papers } from './papers.js';
import { Partners } from './partners.js';
import { FRAME, LRA, type Surroundings } from './site.js';
import { actingLinkOf, type IdentityDocument } from './state.js';
import { summaryText } from './summary.js';

const FILE_NAME = { kind: 'name', policy: { min: 1, max: 200 } } as const;
const ENTERING = ['AwaitingApplicantLink', 'EnteringDetails'] as const;
const LINK_CODES = ['NOT_FOUND', 'LINK_EXPIRED', 'LINK_NO_LONGER_VALID', 'APPLICATION_STATE'] as const;
const HOLDER_CODES = [
  'USER_ID_NOT_FOUND',
  'AGENT_USER_ID',
  'HOLDER_NOT_SIGNER',
  'HOLDER_MAIL_IS_AGENT',
  'HOLDER_MAIL_DIFFERS',
  'HOLDER_MAIL_UNKNOWN',
] as const;

const DOCUMENT = shape({ id: text, fileName: text, mediaType: text, sizeBytes: whole, sha256: text });
const FORM = shape({
  id: text,
  version: whole,
  status: oneOf('AwaitingApplicantLink', 'EnteringDetails', 'HolderInSession'),
  applicantType: oneOf(...APPLICANT_TYPES),
  companyCode: text,
  applicantMail: text,
  termYears: whole,
  expiresAt: moment,
  guidance: bilingual,
  document: orNull(DOCUMENT),
  frame: FRAME,
});
const CHECKED = shape({ id: text, details: DETAILS, commonName: text, document: DOCUMENT, frame: FRAME });
const SUBMITTED = shape({
  id: text,
  version: whole,
  status: oneOf('AwaitingHolderApproval', 'HolderInSession'),
  message: bilingual,
  frame: FRAME,
});

const documentItem = ({ documentId, fileName, mediaType, sizeBytes, sha256 }: IdentityDocument) => ({
  id: documentId,
  ...{ fileName, mediaType, sizeBytes, sha256 },
});

/** The pages behind the link of the application mail: form, identity document, submission. */
@Controller('e-contract/issuance/applications/:applicationId')
@Open()
export class ApplicantController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(ApplicationAccess) private readonly access: ApplicationAccess,
    @Inject(Papers) private readonly papers: Papers,
    @Inject(Partners) private readonly partners: Partners,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(LRA) private readonly surroundings: Surroundings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What somebody gets who clicks the link; as often as they like until the submission. */
  @Get('link')
  @MayAsk('link', 'onetimetoken')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  @Answers(200, FORM, 'NOT_FOUND', 'LINK_EXPIRED', 'LINK_NO_LONGER_VALID')
  async open(
    @Param('applicationId') applicationId: string,
    @From() caller: Caller,
    @Query('onetimetoken') token?: string,
  ) {
    const { application, linkId } = await this.access.byLink(applicationId, token);
    // The holder's link is for the approval, not for the form.
    if (linkId !== application.applicantLink?.linkId) throw new Refused(refusal('NOT_FOUND'));
    const sender = senderAbout(caller, applicationId, application);
    const { version } = orRefuse(await this.commands.send(openApplicationLink({ applicationId, linkId }), sender));
    const { state } = await this.access.stateOf(applicationId);
    const { applicantType, companyCode, applicantMail, termYears } = state.registration!;
    return {
      id: applicationId,
      version,
      status: state.status,
      ...{ applicantType, companyCode, applicantMail, termYears },
      expiresAt: inJapan(new Date(actingLinkOf(state)!.expiresAt)),
      guidance: DETAILS_GUIDANCE,
      document: state.document && documentItem(state.document),
      frame: frameAt(this.surroundings.lra, { agent: 'applicationDetails', holder: null }),
    };
  }

  /** The body is the file itself. A second one takes the place of the first. */
  @Post('identity-document')
  @RouteConfig(STREAMED)
  @ApiConsumes('application/octet-stream', ...['application/pdf', 'image/png', 'image/jpeg', 'image/tiff'])
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @MayAsk('fileName')
  @Answers(201, shape({ id: text, version: whole, sha256: text }), ...LINK_CODES, 'IDEMPOTENCY_KEY_REUSED')
  async upload(
    @Param('applicationId') applicationId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() body: unknown,
    @From() caller: Caller,
    @Query('fileName') fileName = '',
  ) {
    const { application, linkId } = await this.entering(applicationId, token);
    const faults = validate('fileName', fileName, FILE_NAME);
    if (faults.length > 0) throw new Refused(invalid(faults));
    // Whatever calls itself JSON or a form was read by another parser, and is no file.
    if (!(body instanceof Readable)) throw new Refused(invalid([{ field: 'identityDocument', rule: 'required' }]));
    // Of its own at every attempt: a repetition must not touch what the first one brought.
    const documentId = randomUUID();
    const { mediaType, sizeBytes, sha256, checkedBy } = await this.papers.keep(documentId, applicationId, body);
    const file = { documentId, fileName, mediaType, sizeBytes, sha256, checkedBy };
    const sender = havingRead(senderAbout(caller, applicationId, application), sha256);
    const decided = await this.commands.send(attachIdentityDocument({ applicationId, linkId, ...file }), sender);
    const attached = decided.events.map(({ data }) => (data as { documentId?: string }).documentId);
    const id = attached.find((each) => each !== undefined) ?? documentId;
    // Refused, or a repetition, to which the first one is the answer.
    if (decided.refusal || id !== documentId) await this.papers.forget(documentId);
    return { id, version: orRefuse(decided).version, sha256 };
  }

  /**
   * [Next]: the form and who is named in it, judged as the submission will judge them; nothing is kept. Who asks often
   * to learn which user has which address is held back like somebody who guesses passwords.
   */
  @Post('details')
  @RouteConfig(LOGIN_RATE)
  @HttpCode(200)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Answers(200, CHECKED, ...LINK_CODES, ...HOLDER_CODES, 'IDENTITY_DOCUMENT_MISSING')
  async check(
    @Param('applicationId') applicationId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() dto: DetailsDto,
  ) {
    const { application } = await this.entering(applicationId, token);
    const details = enteredOf(dto);
    await this.judged(application.registration!, details);
    if (!application.document) throw new Refused(refusal('IDENTITY_DOCUMENT_MISSING'));
    return {
      id: applicationId,
      details,
      commonName: `BN-${details.displayName}`,
      document: documentItem(application.document),
      frame: frameAt(this.surroundings.lra, { agent: 'confirmDetails', holder: null }),
    };
  }

  /** [Download registered content], before the submission. */
  @Post('summary')
  @RouteConfig(LOGIN_RATE)
  @HttpCode(200)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Header('cache-control', 'no-store')
  @Answers(200, null, ...LINK_CODES, ...HOLDER_CODES)
  async summary(
    @Param('applicationId') applicationId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() dto: DetailsDto,
    @From() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { application, linkId } = await this.entering(applicationId, token);
    const registration = application.registration!;
    const entered = enteredOf(dto);
    await this.judged(registration, entered);
    const sender = senderAbout(caller, applicationId, application);
    orRefuse(await this.commands.send(downloadApplicationSummary({ applicationId, linkId }), sender));
    asTextFile(reply, applicationId);
    const fileName = application.document?.fileName ?? null;
    return summaryText({ applicationId, registration, entered, fileName, now: this.clock.now() });
  }

  /** [Apply for issuance]: the agent's part ends, or the holder in person goes on to PIN and approval. */
  @Post('submission')
  @RouteConfig(LOGIN_RATE)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Answers(201, SUBMITTED, ...LINK_CODES, ...HOLDER_CODES, 'IDENTITY_DOCUMENT_MISSING')
  async submit(
    @Param('applicationId') applicationId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() dto: DetailsDto,
    @From() caller: Caller,
  ) {
    const { application, linkId } = await this.access.byLink(applicationId, token);
    const entered = enteredOf(dto);
    const holderUser = entered.holderUserId === '' ? null : await this.partners.holderUser(entered.holderUserId);
    const applicantVendors = await this.vendorsOf(application.registration);
    const submit = submitIssuanceApplication({ applicationId, linkId, ...entered, holderUser, applicantVendors });
    const tenant = holderUser?.companyCode === application.registration?.companyCode ? holderUser?.tenant : undefined;
    const sender = senderAbout(caller, applicationId, application);
    const { version } = orRefuse(
      await this.commands.send(submit, tenant === undefined ? sender : { ...sender, tenant }),
    );
    const self = application.registration!.applicantType === 'self';
    return {
      id: applicationId,
      version,
      status: self ? 'HolderInSession' : 'AwaitingHolderApproval',
      message: self ? SELF_GOES_ON : AGENT_DONE,
      frame: frameAt(this.surroundings.lra, {
        agent: self ? 'over' : 'detailsDone',
        holder: self ? 'approveApplication' : null,
      }),
    };
  }

  private async entering(applicationId: string, token: string | undefined): Promise<Reached> {
    const reached = await this.access.byLink(applicationId, token);
    const fault = linkFault(reached.application, reached.linkId, ENTERING, this.clock.now());
    if (fault) throw new Refused(fault);
    return reached;
  }

  private async judged(registration: NonNullable<Reached['application']['registration']>, entered: Entered) {
    const faults = detailsFaults(entered);
    if (faults.length > 0) throw new Refused(invalid(faults));
    const holder = await this.partners.holderUser(entered.holderUserId);
    const fault = holderFault(entered, registration, holder, await this.vendorsOf(registration));
    if (fault) throw new Refused(fault);
  }

  private async vendorsOf(registration: Reached['application']['registration']): Promise<string[]> {
    if (registration === null) return [];
    return this.readModels.query(partnersReadModel, (rows) => vendorsOfMail(rows, registration.applicantMail));
  }
}

export const asTextFile = (reply: FastifyReply, applicationId: string): void => {
  reply.header('content-type', 'text/plain; charset=utf-8');
  reply.header('content-disposition', `attachment; filename="application-${applicationId}.txt"`);
};
