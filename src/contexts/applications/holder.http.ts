import { Body, Controller, Get, Header, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { inJapan } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { Pin } from '../../pki/pins/pin.js';
import { commonNameOf } from '../../pki/profiles/display-name.js';
import { personSubject } from '../../pki/profiles/person.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Decided } from '../../platform/commands/sender.js';
import { type Caller, From } from '../../platform/http/caller.js';
import { Answers, bilingual, MayAsk, moment, oneOf, shape, text, whole } from '../../platform/http/documented.js';
import { Ticked, Trimmed, Written } from '../../platform/http/follows.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Open } from '../../platform/http/session-guard.js';
import { HolderKeys, holderKeyIdOf } from '../../platform/pki/holder-keys.js';
import { ApplicationAccess, type Reached, senderAsHolder, TOKEN_HEADER } from './access.js';
import { asTextFile } from './applicant.http.js';
import { decideApproval } from './approval.decider.js';
import { DETAILS, enteredOf } from './details.js';
import { APPROVAL_REQUEST, HOLDER_DONE, PIN_GUIDANCE } from './duties.js';
import { frameAt } from './frame.js';
import { linkFault } from './links.decider.js';
import { approveIssuanceApplication, downloadHolderSummary, rejectIssuanceApplication, SERVICE } from './messages.js';
import { FRAME, LRA, type Surroundings } from './site.js';
import { actingLinkOf, type Application } from './state.js';
import { summaryText } from './summary.js';

class HolderPinDto {
  @Written() pin?: string;
}
class HolderApprovalDto extends HolderPinDto {
  /** The answer to the dialog that asks again. */
  @Ticked() confirmed?: boolean;
  /** The holder was asked to save the content first and does not want to. */
  @Ticked() withoutSummary?: boolean;
}
class HolderRejectionDto {
  @Trimmed() @Written(500) reason?: string;
}

const PIN_POLICY = { kind: 'password', policy: POLICIES[SERVICE].secondSecret! } as const;
const BY_HOLDER = ['AwaitingHolderApproval', 'HolderInSession'] as const;
const LINK_CODES = ['NOT_FOUND', 'LINK_EXPIRED', 'LINK_NO_LONGER_VALID', 'APPLICATION_STATE'] as const;
const PAGE = shape({
  id: text,
  version: whole,
  status: oneOf(...BY_HOLDER),
  appliedBy: text,
  request: bilingual,
  details: DETAILS,
  identityDocument: text,
  commonName: text,
  termYears: whole,
  expiresAt: moment,
  pin: bilingual,
  frame: FRAME,
});
const APPROVED = shape({ id: text, version: whole, status: oneOf('UnderReview'), message: bilingual, frame: FRAME });
const REJECTED = shape({ id: text, version: whole, status: oneOf('RejectedByHolder') });

const assertPin = (text: string): void => {
  const faults = validate('pin', text, PIN_POLICY);
  if (faults.length > 0) throw new Refused(invalid(faults));
};

/** The pages behind the holder's link, and the second half of an application in person. */
@Controller('e-contract/issuance/applications/:applicationId')
@Open()
export class HolderController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(ApplicationAccess) private readonly access: ApplicationAccess,
    @Inject(HolderKeys) private readonly keys: HolderKeys,
    @Inject(LRA) private readonly surroundings: Surroundings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Everything that was entered, to read; nothing of it can be changed. */
  @Get('approval')
  @MayAsk('link', 'onetimetoken')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  @Answers(200, PAGE, 'NOT_FOUND', 'LINK_EXPIRED', 'LINK_NO_LONGER_VALID')
  async page(@Param('applicationId') applicationId: string, @Query('onetimetoken') token?: string) {
    const { application, version, linkId } = await this.reached(applicationId, token);
    const fault = linkFault(application, linkId, BY_HOLDER, this.clock.now());
    if (fault) throw new Refused(fault.code === 'APPLICATION_STATE' ? refusal('LINK_NO_LONGER_VALID') : fault);
    const { registration, details, document, status } = application;
    return {
      id: applicationId,
      version,
      status,
      appliedBy: registration!.applicantMail,
      request: APPROVAL_REQUEST,
      details: enteredOf(details!),
      identityDocument: document!.fileName,
      commonName: commonNameOf(details!.displayName),
      termYears: registration!.termYears,
      expiresAt: inJapan(new Date(actingLinkOf(application)!.expiresAt)),
      pin: PIN_GUIDANCE,
      frame: frameAt(this.surroundings.lra, { agent: 'over', holder: 'approveApplication' }),
    };
  }

  /** [Download registered content], with the PIN: it is written into the file and nowhere else. */
  @Post('holder-summary')
  @HttpCode(200)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Header('cache-control', 'no-store')
  @Answers(200, null, ...LINK_CODES)
  async summary(
    @Param('applicationId') applicationId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() { pin = '' }: HolderPinDto,
    @From() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { application, linkId } = await this.reached(applicationId, token);
    assertPin(pin);
    const sender = senderAsHolder(caller, applicationId, application);
    orRefuse(await this.commands.send(downloadHolderSummary({ applicationId, linkId }), sender));
    asTextFile(reply, applicationId);
    const { registration, details, document } = application;
    const fileName = document?.fileName ?? null;
    const entered = enteredOf(details!);
    return summaryText({ applicationId, registration: registration!, entered, fileName, now: this.clock.now(), pin });
  }

  /** [Approve]. The key pair is made and sealed here; the PIN does not outlive this call. */
  @Post('approval')
  @HttpCode(200)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Answers(200, APPROVED, ...LINK_CODES, 'SUMMARY_NOT_SAVED', 'APPROVAL_TO_CONFIRM')
  async approve(
    @Param('applicationId') applicationId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() { pin = '', confirmed = false, withoutSummary = false }: HolderApprovalDto,
    @From() caller: Caller,
  ) {
    const { application, linkId } = await this.reached(applicationId, token);
    const keyId = holderKeyIdOf(applicationId, caller.commandId);
    const approve = approveIssuanceApplication({ applicationId, linkId, keyId, confirmed, withoutSummary });
    const sender = senderAsHolder(caller, applicationId, application);
    // Whoever would be refused anyway is refused before a key is made for nothing; a repetition gets its first answer.
    const early = decideApproval(approve, application, this.decisions.momentOf(sender)).refusal;
    if (early && early.code !== 'SUMMARY_NOT_SAVED' && early.code !== 'APPROVAL_TO_CONFIRM')
      return this.approved(applicationId, await this.commands.send(approve, sender));
    assertPin(pin);
    if (early) throw new Refused(early);
    const order = { applicationId, keyId, subject: personSubject(application.details!), pin: Pin.parse(pin)! };
    return this.approved(
      applicationId,
      await this.keys.makeAtApproval(order, () => this.commands.send(approve, sender)),
    );
  }

  private approved(applicationId: string, decided: Decided) {
    return {
      id: applicationId,
      version: orRefuse(decided).version,
      status: 'UnderReview',
      message: HOLDER_DONE,
      frame: frameAt(this.surroundings.lra, { agent: 'over', holder: 'done' }),
    };
  }

  /** The holder does not want this certificate: the ticket goes back, the applicant is told. */
  @Post('rejection')
  @HttpCode(200)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Answers(200, REJECTED, ...LINK_CODES)
  async reject(
    @Param('applicationId') applicationId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() { reason = '' }: HolderRejectionDto,
    @From() caller: Caller,
  ) {
    const { application, linkId } = await this.reached(applicationId, token);
    const sender = senderAsHolder(caller, applicationId, application);
    const reject = rejectIssuanceApplication({ applicationId, linkId, reason });
    const { version } = orRefuse(await this.commands.send(reject, sender));
    return { id: applicationId, version, status: 'RejectedByHolder' };
  }

  /** The agent's link opens nothing of the holder's. */
  private async reached(applicationId: string, token: string | undefined): Promise<Reached> {
    const reached = await this.access.byLink(applicationId, token);
    if (isAgents(reached)) throw new Refused(refusal('NOT_FOUND'), true);
    return reached;
  }
}

const isAgents = ({ application, linkId }: { application: Application; linkId: string }): boolean =>
  application.registration?.applicantType === 'agent' && linkId === application.applicantLink?.linkId;
