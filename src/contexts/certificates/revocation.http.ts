import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { certificates } from '../../../projections/certificates/projection.js';
import { certificatesNamed } from '../../../projections/certificates/queries.js';
import { SYSTEM } from '../../kernel/actor.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import { invalid } from '../../kernel/refusal.js';
import { Challenges } from '../../platform/challenges/challenges.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Sender } from '../../platform/commands/sender.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { Answers, bilingual, shape, text } from '../../platform/http/documented.js';
import { Follows, Given, OneOf, Trimmed } from '../../platform/http/follows.js';
import { REVOCATION_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Open } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { MAIL } from '../partners/messages.js';
import { certificateById } from './lookups.js';
import {
  type Cause,
  CAUSES,
  matchRevocationRequest,
  receivedStream,
  receiveRevocationRequest,
  STATEMENT,
} from './messages.js';
import { receivedDecider } from './received.decider.js';
import { SERVICE } from './register.js';

class RevocationRequestDto {
  /** A certificate by its id or serial, or its holder's user ID; a slip in it loses nothing. */
  @Trimmed() @Given(64) certificate!: string;
  @Trimmed() @Follows(MAIL) mail!: string;
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
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Challenges) private readonly challenges: Challenges,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The answer is the same whether there is such a certificate or not. */
  @Post()
  @Answers(202, shape({ id: text, next: bilingual }))
  @RouteConfig(REVOCATION_RATE)
  @HttpCode(202)
  async ask(@Body() dto: RevocationRequestDto, @From() caller: Caller) {
    const requestId = derivedId(caller.commandId, 'revocation request');
    const answer = { id: requestId, next: RECEIVED };
    // The picture of a request that comes again is used up.
    if (caller.idempotent && (await this.isReceived(requestId))) return answer;
    await this.assertPerson(dto);
    const { certificate: named, mail, cause, statement } = dto;
    const receive = receiveRevocationRequest({ requestId, named, cause, statement, mail });
    const sender = { ...senderOf(caller, { service: SERVICE, tenant: '' }), correlationId: requestId };
    orRefuse(await this.commands.send(receive, sender));
    await this.match(requestId, named, sender);
    return answer;
  }

  private async isReceived(requestId: string): Promise<boolean> {
    const { revision } = await this.decisions.stateOf(receivedDecider, receivedStream(requestId));
    return revision >= 0;
  }

  /** What cannot be found now, because of a slip or because the rows are behind, staff find in their queue and assign. */
  private async match(requestId: string, named: string, by: Sender): Promise<void> {
    const rows = await this.readModels.query(certificates, (live) => certificatesNamed(live, named));
    for (const { certificate_id: certificateId, tenant } of rows) {
      const status = (await certificateById(this.decisions, certificateId, this.clock.now()))?.status;
      if (status !== 'issued' && status !== 'active') continue;
      const commandId = derivedId(by.commandId, 'match', certificateId);
      const sender = { ...by, commandId, tenant, actor: SYSTEM };
      orRefuse(await this.commands.send(matchRevocationRequest({ requestId, certificateId }), sender));
    }
  }

  /** Looked at last, for each picture can be tried once only; the answer names the next one. */
  private async assertPerson({ challengeId, challengeAnswer }: RevocationRequestDto): Promise<void> {
    if (await this.challenges.isSolved(challengeId, challengeAnswer)) return;
    const params = { challengeId: this.challenges.create() };
    throw new Refused(invalid([{ field: 'challengeAnswer', rule: 'challenge', params }]));
  }
}
