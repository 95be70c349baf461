import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { certificates } from '../../../projections/certificates/projection.js';
import { certificatesNamed } from '../../../projections/certificates/queries.js';
import { derivedId } from '../../kernel/ids.js';
import { invalid } from '../../kernel/refusal.js';
import { Challenges } from '../../platform/challenges/challenges.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { Answers, bilingual, shape, text } from '../../platform/http/documented.js';
import { Follows, Given, OneOf, Trimmed } from '../../platform/http/follows.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Open } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { type Cause, CAUSES, requestRevocation } from './messages.js';
import { SERVICE } from './register.js';

const STATEMENT = { kind: 'name', policy: { min: 1, max: 500 } } as const;

class RevocationRequestDto {
  /** A certificate by its id or serial, or its holder's user ID. */
  @Trimmed() @Given(64) certificate!: string;
  @Trimmed() @Follows({ kind: 'mail', policy: { min: 3, max: 254 } }) mail!: string;
  @OneOf(CAUSES) cause!: Cause;
  @Trimmed() @Follows(STATEMENT) statement!: string;
  /** A picture of the issuance site and what it shows. */
  @Given(64) challengeId!: string;
  @Trimmed() @Given(32) challengeAnswer!: string;
}

const RECEIVED = {
  en: 'The application was received. The registration authority will decide on it and may ask back.',
  ja: '失効申請を受け付けました。登録局が確認のうえ処理します。',
} as const;

/** Whoever has lost a key may have lost the login with it: anybody can ask, the registration authority decides. */
@Controller(`${SERVICE}/revocation-requests`)
@Open()
export class RevocationRequestsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Challenges) private readonly challenges: Challenges,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  /** The answer is the same whether there is such a certificate or not. */
  @Post()
  @Answers(202, shape({ id: text, next: bilingual }))
  @RouteConfig(LOGIN_RATE)
  @HttpCode(202)
  async ask(@Body() dto: RevocationRequestDto, @From() caller: Caller) {
    const { certificate, mail, cause, statement } = dto;
    await this.assertPerson(dto);
    const rows = await this.readModels.query(certificates, (live) => certificatesNamed(live, certificate));
    for (const [index, { certificate_id: certificateId, tenant }] of rows.entries()) {
      const requestId = derivedId(caller.commandId, 'revocation request', String(index));
      const command = requestRevocation({ certificateId, requestId, cause, statement, mail });
      const sender = { ...senderOf(caller, { service: SERVICE, tenant }), commandId: requestId };
      orRefuse(await this.commands.send(command, sender));
    }
    return { id: derivedId(caller.commandId, 'revocation request'), next: RECEIVED };
  }

  /** Looked at last, for each picture can be tried once only; the answer names the next one. */
  private async assertPerson({ challengeId, challengeAnswer }: RevocationRequestDto): Promise<void> {
    if (await this.challenges.isSolved(challengeId, challengeAnswer)) return;
    const params = { challengeId: this.challenges.create() };
    throw new Refused(invalid([{ field: 'challengeAnswer', rule: 'challenge', params }]));
  }
}
