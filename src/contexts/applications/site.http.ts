import { Body, Controller, Get, Header, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { inJapan } from '../../kernel/calendar.js';
import { derivedId } from '../../kernel/ids.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { type FieldError, invalid, refusal } from '../../kernel/refusal.js';
import { Challenges } from '../../platform/challenges/challenges.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { type Caller, From } from '../../platform/http/caller.js';
import { Answers, bilingual, listOf, moment, oneOf, shape, text, whole } from '../../platform/http/documented.js';
import { Ticked, Trimmed, Written } from '../../platform/http/follows.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Pki } from '../../platform/pki/pki.js';
import { Open } from '../../platform/http/session-guard.js';
import { TicketLookups } from '../tickets/lookups.js';
import { releaseTicket, reserveTicket } from '../tickets/messages.js';
import { ApplicationAccess, KEY_HEADER, senderAbout } from './access.js';
import { Confirmations } from './confirmation.js';
import { CONSENT, dutiesOf, DUTIES_VERSION, MAIL_FOLLOWS, MANUAL_TEXT, NOT_COMPLETE } from './duties.js';
import { frameAt } from './frame.js';
import { APPLICANT_TYPES, agreeToDuties, type ApplicantType, registerApplication } from './messages.js';
import { Partners } from './partners.js';
import { companyCodeFaults, mailFaults } from './registration.decider.js';
import { FRAME, LRA, type Surroundings } from './site.js';
import { type Application, holdsTicket, noApplication } from './state.js';

class AgreementDto {
  @Written() dutiesVersion?: string;
  @Ticked() agreed?: boolean;
}
class ApplicantDto {
  @Written() applicantType?: string;
  @Trimmed() @Written() companyCode?: string;
  @Trimmed() @Written() ticketNumber?: string;
  @Trimmed() @Written() mail?: string;
}
class ConfirmationDto extends ApplicantDto {
  @Trimmed() @Written() mailRepeat?: string;
  @Written() challengeId?: string;
  @Trimmed() @Written() challengeAnswer?: string;
}
class RegistrationDto extends ApplicantDto {
  @Written() proof?: string;
  @Ticked() agreed?: boolean;
}

type Applicant = Readonly<{ applicantType: string; companyCode: string; ticketNumber: string; mail: string }>;

const applicantOf = (dto: ApplicantDto): Applicant => ({
  applicantType: dto.applicantType ?? '',
  companyCode: dto.companyCode ?? '',
  ticketNumber: dto.ticketNumber ?? '',
  mail: dto.mail ?? '',
});

const required = (field: string, value: string): FieldError[] => (value === '' ? [{ field, rule: 'required' }] : []);

const typeFaults = (value: string): FieldError[] => {
  const field = 'applicantType';
  if (value === '') return [{ field, rule: 'required' }];
  const known = (APPLICANT_TYPES as readonly string[]).includes(value);
  return known ? [] : [{ field, rule: 'oneOf', params: { values: APPLICANT_TYPES.join(', ') } }];
};

const applicantFaults = ({ applicantType, companyCode, ticketNumber, mail }: Applicant): FieldError[] => [
  ...typeFaults(applicantType),
  ...companyCodeFaults(companyCode),
  ...required('ticketNumber', ticketNumber),
  ...mailFaults('mail', mail),
];

const repeatFaults = (mail: string, mailRepeat: string): FieldError[] => {
  if (mailRepeat === '') return required('mailRepeat', mailRepeat);
  return mail === mailRepeat ? [] : [{ field: 'mailRepeat', rule: 'repeatDiffers' }];
};

const CHALLENGE = shape({
  id: text,
  image: text,
  width: whole,
  height: whole,
  spoken: bilingual,
});
const DUTIES = shape({
  version: text,
  duties: listOf(bilingual),
  handledBy: bilingual,
  applicantTypes: listOf(oneOf(...APPLICANT_TYPES)),
  frame: FRAME,
});
const CONFIRMED = shape({
  id: text,
  applicantType: oneOf(...APPLICANT_TYPES),
  companyCode: text,
  ticketNumber: text,
  mail: text,
  consent: bilingual,
  mailFollows: bilingual,
  proof: text,
  proofExpiresAt: moment,
  frame: FRAME,
});
const REGISTERED = shape({
  id: text,
  version: whole,
  status: oneOf('AwaitingApplicantLink'),
  message: bilingual,
  linkExpiresAt: moment,
  frame: FRAME,
});

const TICKET_CODES = ['TICKET_NOT_USABLE', 'TERM_NOT_AVAILABLE'] as const;

/** The public pages of the issuance site, up to the registration: no account, no personal data kept before consent. */
@Controller('e-contract/issuance')
@Open()
export class IssuanceSiteController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(ApplicationAccess) private readonly access: ApplicationAccess,
    @Inject(Challenges) private readonly challenges: Challenges,
    @Inject(Confirmations) private readonly confirmations: Confirmations,
    @Inject(TicketLookups) private readonly tickets: TicketLookups,
    @Inject(Partners) private readonly partners: Partners,
    @Inject(Pki) private readonly pki: Pki,
    @Inject(LRA) private readonly surroundings: Surroundings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('duties')
  @Answers(200, DUTIES)
  duties() {
    const { lra } = this.surroundings;
    const frame = frameAt(lra, { agent: 'applicantDetails', holder: null });
    return { ...dutiesOf(lra.name), applicantTypes: APPLICANT_TYPES, frame };
  }

  @Get('manual')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="certificate-application.txt"')
  @Answers(200, null)
  manual(): string {
    return MANUAL_TEXT;
  }

  /** [I agree]. The key opens what follows; whoever has it began this application. */
  @Post('applications')
  @RouteConfig(LOGIN_RATE)
  @Header('cache-control', 'no-store')
  @Answers(201, shape({ id: text, version: whole, key: text }))
  async agree(@Body() { dutiesVersion = '', agreed }: AgreementDto, @From() caller: Caller) {
    const faults: FieldError[] = [
      ...(agreed === true ? [] : [{ field: 'agreed', rule: 'agreement' } as const]),
      ...(dutiesVersion === DUTIES_VERSION
        ? []
        : [{ field: 'dutiesVersion', rule: 'oneOf', params: { values: DUTIES_VERSION } } as const]),
    ];
    if (faults.length > 0) throw new Refused(invalid(faults));
    const applicationId = derivedId(caller.commandId, 'application');
    const sender = senderAbout(caller, applicationId, noApplication);
    const { version } = orRefuse(await this.commands.send(agreeToDuties({ applicationId, dutiesVersion }), sender));
    return { id: applicationId, version, key: this.access.keyOf(applicationId) };
  }

  /** A new picture to read, and the same question in words for those who cannot see it. */
  @Post('challenges')
  @RouteConfig(LOGIN_RATE)
  @Header('cache-control', 'no-store')
  @Answers(201, CHALLENGE)
  challenge() {
    return this.shown(this.challenges.create());
  }

  /** The new one that a refusal names. */
  @Get('challenges/:challengeId')
  @Header('cache-control', 'no-store')
  @Answers(200, CHALLENGE, 'NOT_FOUND')
  challengeNamed(@Param('challengeId') challengeId: string) {
    return this.shown(challengeId);
  }

  @Get('challenges/:challengeId/image.png')
  @Header('cache-control', 'no-store')
  @Answers(200, null, 'NOT_FOUND')
  image(@Param('challengeId') challengeId: string, @Res({ passthrough: true }) reply: FastifyReply): Buffer {
    const picture = this.challenges.picture(challengeId);
    if (!picture) throw new Refused(refusal('NOT_FOUND'));
    reply.header('content-type', 'image/png');
    return picture;
  }

  /** [Next]: everything is checked before anything is kept. */
  @Post('applications/:applicationId/confirmation')
  @RouteConfig(LOGIN_RATE)
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Answers(200, CONFIRMED, 'DUTIES_NOT_AGREED', 'APPLICATION_STATE', 'COMPANY_CODE_UNKNOWN', ...TICKET_CODES)
  async confirm(
    @Param('applicationId') applicationId: string,
    @Headers(KEY_HEADER) key: string | undefined,
    @Body() dto: ConfirmationDto,
  ) {
    await this.begun(applicationId, key);
    const applicant = applicantOf(dto);
    const faults = [
      ...applicantFaults(applicant),
      ...repeatFaults(applicant.mail, dto.mailRepeat ?? ''),
      ...required('challengeAnswer', dto.challengeAnswer ?? ''),
    ];
    if (faults.length > 0) throw new Refused(invalid(faults));
    // Only now, so that a slip in another field costs nobody a second picture; and before anything tells of tickets.
    if (!(await this.challenges.isSolved(dto.challengeId ?? '', dto.challengeAnswer ?? ''))) {
      const params = { challengeId: this.challenges.create() };
      throw new Refused(invalid([{ field: 'challengeAnswer', rule: 'challenge', params }]));
    }
    const ticketId = await this.usableTicket(applicant, applicationId);
    const { applicantType, companyCode, ticketNumber, mail } = applicant;
    const { proof, expiresAt } = this.confirmations.proofOf({
      applicationId,
      ticketId,
      applicantType,
      companyCode,
      mail,
    });
    return {
      id: applicationId,
      ...{ applicantType, companyCode, ticketNumber, mail },
      consent: CONSENT,
      mailFollows: MAIL_FOLLOWS,
      proof,
      proofExpiresAt: inJapan(expiresAt),
      frame: frameAt(this.surroundings.lra, { agent: 'confirm', holder: null }),
    };
  }

  /** [Register application]. The ticket first: from there on a process sees to it that none is lost. */
  @Post('applications/:applicationId/registration')
  @RouteConfig(LOGIN_RATE)
  @Answers(201, REGISTERED, 'DUTIES_NOT_AGREED', 'APPLICATION_STATE', 'CONFIRMATION_EXPIRED', 'TICKET_NOT_USABLE')
  async register(
    @Param('applicationId') applicationId: string,
    @Headers(KEY_HEADER) key: string | undefined,
    @Body() dto: RegistrationDto,
    @From() caller: Caller,
  ) {
    await this.known(applicationId, key);
    const applicant = applicantOf(dto);
    const faults: FieldError[] = [
      ...applicantFaults(applicant),
      ...(dto.agreed === true ? [] : [{ field: 'agreed', rule: 'agreement' } as const]),
    ];
    if (faults.length > 0) throw new Refused(invalid(faults));
    const ticket = await this.tickets.byNumber(applicant.ticketNumber);
    const { companyCode, mail } = applicant;
    const applicantType = applicant.applicantType as ApplicantType;
    const confirmed = { applicationId, applicantType, companyCode, ticketId: ticket?.ticketId ?? '', mail };
    if (!ticket || !this.confirmations.holds(confirmed, dto.proof ?? ''))
      throw new Refused(refusal('CONFIRMATION_EXPIRED'));
    const { ticketId, termYears } = ticket;
    const registration = { applicationId, applicantType, companyCode, ticketId, termYears, applicantMail: mail };
    const { version, linkExpiresAt } = await this.registered(caller, registration);
    return {
      id: applicationId,
      version,
      status: 'AwaitingApplicantLink',
      message: NOT_COMPLETE,
      linkExpiresAt: inJapan(new Date(linkExpiresAt)),
      frame: frameAt(this.surroundings.lra, { agent: 'done', holder: null }),
    };
  }

  private async registered(caller: Caller, registration: Parameters<typeof registerApplication>[0]) {
    const { applicationId, ticketId, companyCode, applicantMail, applicantType } = registration;
    // Pressed twice, the button says the same: the first answer is the answer.
    const commandId = derivedId('register', applicationId, ticketId, companyCode, applicantMail, applicantType);
    const about = { ...noApplication, registration };
    const sender = (step: string) => ({
      ...senderAbout(caller, applicationId, about),
      commandId: derivedId(commandId, step),
    });
    orRefuse(await this.commands.send(reserveTicket({ ticketId, applicationId, companyCode }), sender('reserve')));
    const decided = await this.commands.send(registerApplication(registration), sender('register'));
    if (decided.refusal && decided.refusal.code === 'APPLICATION_STATE') {
      // Too late, with another ticket, or for what has ended: it goes back at once. If we die here, the process gives it back.
      const { state } = await this.access.stateOf(applicationId);
      if (!holdsTicket(state, ticketId))
        await this.commands.send(releaseTicket({ ticketId, applicationId, reason: 'abandoned' }), sender('release'));
    }
    const { version, events } = orRefuse(decided);
    const { expiresAt } = events.at(-1)!.data as { expiresAt: string };
    return { version, linkExpiresAt: expiresAt };
  }

  /** Whoever has the key has agreed: the key is given for nothing else. */
  private async known(applicationId: string, key: string | undefined): Promise<Application> {
    if (!this.access.isKey(applicationId, key)) throw new Refused(refusal('DUTIES_NOT_AGREED'));
    return (await this.access.stateOf(applicationId)).state;
  }

  private async begun(applicationId: string, key: string | undefined): Promise<void> {
    const { status } = await this.known(applicationId, key);
    if (status !== 'DutiesAgreed') throw new Refused(refusal('APPLICATION_STATE', { status }));
  }

  private async usableTicket({ companyCode, ticketNumber }: Applicant, applicationId: string): Promise<string> {
    if (!(await this.partners.companyExists(companyCode))) throw new Refused(refusal('COMPANY_CODE_UNKNOWN'));
    const ticket = await this.tickets.byNumber(ticketNumber);
    const free =
      ticket?.status === 'unused' || (ticket?.status === 'reserved' && ticket.applicationId === applicationId);
    if (!ticket || ticket.companyCode !== companyCode || !free) throw new Refused(refusal('TICKET_NOT_USABLE'));
    // Better told now than by the review, when everybody has done their part.
    if (!this.pki.authorities.isLastingFor(ticket.termYears, this.clock.now()))
      throw new Refused(refusal('TERM_NOT_AVAILABLE', { years: ticket.termYears }));
    return ticket.ticketId;
  }

  private shown(challengeId: string) {
    const picture = this.challenges.picture(challengeId);
    const sum = this.challenges.sum(challengeId);
    if (!picture || !sum) throw new Refused(refusal('NOT_FOUND'));
    return {
      id: challengeId,
      image: `data:image/png;base64,${picture.toString('base64')}`,
      width: 240,
      height: 80,
      spoken: { en: sum.en, ja: sum.ja },
    };
  }
}
