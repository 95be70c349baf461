import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { certificates } from '../../../projections/certificates/projection.js';
import { certificatesOfAccount, findSection } from '../../../projections/certificates/queries.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import type { Message } from '../../kernel/message.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Decided } from '../../platform/commands/sender.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { ANSWERED, Answers, MayAsk, oneOf, shape, text, whole } from '../../platform/http/documented.js';
import { Follows, Given, OptionalOneOf } from '../../platform/http/follows.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import type { PartnerUser } from '../partners/lookups.js';
import { MEMBER, signerFor } from './access.js';
import { statusOf } from './items.http.js';
import { candidateOf, certificateById, certificateOfSigner, type KnownCertificate } from './lookups.js';
import {
  fileNameOf,
  recordCertificateTest,
  renewRegistration,
  signerStream,
  takeCertificateFile,
  unregisterCertificate,
} from './messages.js';
import { SERVICE } from './register.js';
import { SECTION, sectionItem } from './section-items.http.js';
import { SigningKeyUse } from './signing-key-use.js';

const PIN = { kind: 'password', policy: POLICIES[SERVICE].secondSecret! } as const;

class CertificatePinDto {
  @Follows(PIN) pin!: string;
}
class CertificateFileDto {
  @Follows(PIN) pin!: string;
  @OptionalOneOf(['modern', 'compatible']) form?: 'modern' | 'compatible' | null;
}
class CertificateRenewalDto {
  @Given(64) certificateId!: string;
}

const TESTED = shape({ id: text, version: whole, result: oneOf('succeeded', 'failed') });
const USE = ['NOT_FOUND', 'CERTIFICATE_NOT_ACTIVE', 'PIN_REFUSED', 'TOO_MANY_PINS'] as const;

const yieldsTo = ({ status, notBefore }: KnownCertificate, candidate: KnownCertificate): boolean =>
  status === 'revoked' || status === 'expired' || notBefore < candidate.notBefore;

/** The certificate of a signer: looked at, tested, renewed and taken out, without ever uploading one. */
@Controller(`${SERVICE}/users/:userId/certificate`)
@Only(MEMBER)
export class CertificateSectionController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(SigningKeyUse) private readonly keyUse: SigningKeyUse,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @MayAsk('minVersion')
  @Answers(200, SECTION, 'NOT_FOUND')
  async section(@Param('userId') userId: string, @From() caller: Caller, @Query('minVersion') minVersion?: string) {
    const signer = await signerFor(this.decisions, caller, userId, 'look');
    const stream = signerStream(signer.accountId);
    await this.readModels.untilVersion(certificates, stream, minVersionOf(minVersion));
    const version = await this.readModels.versionOf(certificates, stream);
    return this.readModels.query(certificates, async (rows) => {
      const registered = await findSection(rows, signer.accountId);
      const all = await certificatesOfAccount(rows, signer.accountId);
      return { ...sectionItem(signer.userId, registered, all, this.clock.now()), version };
    });
  }

  /** Signs something with the key and checks it: whether certificate and PIN work together. */
  @Post('test')
  @Answers(200, TESTED, ...USE, 'NO_CERTIFICATE_REGISTERED')
  @HttpCode(200)
  async test(@Param('userId') userId: string, @Body() { pin }: CertificatePinDto, @From() caller: Caller) {
    const signer = await signerFor(this.decisions, caller, userId, 'test');
    const certificate = await this.usable(signer);
    const result = await this.keyUse.test(certificate, caller.session!.accountId, pin);
    const { certificateId } = certificate;
    const { version } = await this.send(caller, signer, recordCertificateTest({ certificateId, result }));
    return { id: certificateId, version, result: result === 'succeeded' ? 'succeeded' : 'failed' };
  }

  /** The holder's own copy, as importers take it: `compatible` for those that know nothing newer. */
  @Post('file')
  @Answers(200, null, ...USE, 'NO_CERTIFICATE_REGISTERED')
  @Header('cache-control', 'no-store')
  @Header('content-type', 'application/x-pkcs12')
  @HttpCode(200)
  async file(
    @Param('userId') userId: string,
    @Body() { pin, form }: CertificateFileDto,
    @From() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const signer = await signerFor(this.decisions, caller, userId, 'use');
    const { certificateId, commonName, ...rest } = await this.usable(signer);
    const wanted = form ?? 'modern';
    const pfx = await this.keyUse.file({ certificateId, commonName, ...rest }, signer.accountId, pin, wanted);
    await this.send(caller, signer, takeCertificateFile({ certificateId, form: wanted }));
    reply.header('content-disposition', `attachment; filename="${fileNameOf(commonName)}"`);
    return pfx;
  }

  /** Puts a newer certificate of the same signer in the place of the registered one. */
  @Post('renewal')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'REPLACEMENT_NOT_USABLE')
  @HttpCode(200)
  async renew(
    @Param('userId') userId: string,
    @Body() { certificateId }: CertificateRenewalDto,
    @From() caller: Caller,
  ) {
    const signer = await signerFor(this.decisions, caller, userId, 'administer');
    const certificate = await certificateById(this.decisions, certificateId, this.clock.now());
    if (!certificate || certificate.accountId !== signer.accountId) throw new Refused(refusal('NOT_FOUND'));
    const registered = await certificateOfSigner(this.decisions, signer.accountId, this.clock.now());
    const yieldingCertificateId = registered && yieldsTo(registered, certificate) ? registered.certificateId : null;
    const renew = renewRegistration({ ...candidateOf(certificate, signer), yieldingCertificateId });
    const { version } = await this.send(caller, signer, renew);
    return { id: certificateId, version };
  }

  /** Takes the certificate away from the signer and revokes nothing. Naming it confirms that it is meant. */
  @Delete()
  @MayAsk('certificateId')
  @Answers(200, ANSWERED, 'NOT_FOUND', 'NO_CERTIFICATE_REGISTERED', 'UNREGISTRATION_UNCONFIRMED')
  @HttpCode(200)
  async remove(
    @Param('userId') userId: string,
    @From() caller: Caller,
    @Query('certificateId') certificateId?: string,
  ) {
    const { accountId, ...signer } = await signerFor(this.decisions, caller, userId, 'administer');
    const command = unregisterCertificate({ accountId, userId, certificateId: certificateId ?? null });
    const { version } = await this.send(caller, { accountId, ...signer }, command);
    return { id: userId, version };
  }

  private async usable({ accountId }: PartnerUser): Promise<KnownCertificate> {
    const certificate = await certificateOfSigner(this.decisions, accountId, this.clock.now());
    if (!certificate) throw new Refused(await this.nothingToUse(accountId));
    const { status } = certificate;
    if (status !== 'active') throw new Refused(refusal('CERTIFICATE_NOT_ACTIVE', { status }));
    return certificate;
  }

  /** Issued and not yet registered is not nothing: its day comes, and the answer says that there is something to wait for. */
  private async nothingToUse(accountId: string): Promise<Refusal> {
    const all = await this.readModels.query(certificates, (rows) => certificatesOfAccount(rows, accountId));
    const isComing = all.some((row) => statusOf(row, this.clock.now()) === 'issued');
    return isComing ? refusal('CERTIFICATE_NOT_ACTIVE', { status: 'issued' }) : refusal('NO_CERTIFICATE_REGISTERED');
  }

  private async send(caller: Caller, { tenant }: PartnerUser, command: Message): Promise<Decided> {
    return orRefuse(await this.commands.send(command, senderOf(caller, { service: SERVICE, tenant })));
  }
}
