import { Body, Controller, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { partners } from '../../../projections/partners/projection.js';
import { userIdsOfMail } from '../../../projections/partners/queries.js';
import type { Message } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { Links } from '../../platform/access/links.js';
import { Passwords } from '../../platform/access/passwords.js';
import { Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { Answers, bilingual, shape } from '../../platform/http/documented.js';
import { Follows, Given, Repeats, Trimmed } from '../../platform/http/follows.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Open } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { credentialIdOf } from './access.js';
import { partnerUserByUserId } from './lookups.js';
import {
  MAIL,
  partsOf,
  type passwordReset,
  recoveryIdOf,
  requestPasswordReset,
  requestUserIdReminder,
  resetLinkOwner,
  resetPassword,
  SERVICE,
} from './messages.js';
import type { MessageOf } from '../../kernel/message.js';

class UserIdReminderDto {
  @Trimmed() @Follows(MAIL) mail!: string;
}
class PasswordResetRequestDto {
  @Given() userId!: string;
}
class PasswordResetDto {
  /** From the link in the mail. */
  @Given() onetimetoken!: string;
  @Follows({ kind: 'password', policy: POLICIES[SERVICE].password! }) newPassword!: string;
  @Repeats('newPassword') newPasswordRepeat!: string;
}

const SCREEN = shape({ message: bilingual });
const DONE = shape({ message: bilingual });

/** For people who cannot log in. Whether a name is known, nobody learns here: not from the answer, nor from its time. */
@Controller(SERVICE)
@Open()
export class PartnerRecoveryController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Links) private readonly links: Links,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Post('user-id-reminders')
  @Answers(202, SCREEN)
  @HttpCode(202)
  @RouteConfig(LOGIN_RATE)
  async remind(@Body() { mail }: UserIdReminderDto, @From() caller: Caller) {
    const userIds = await this.readModels.query(partners, (rows) => userIdsOfMail(rows, mail));
    const recoveryId = recoveryIdOf('userId', mail.toLowerCase());
    await this.send(caller, requestUserIdReminder({ recoveryId, mail, userIds }));
    return { message: REMINDED };
  }

  @Post('password-resets')
  @Answers(202, SCREEN)
  @HttpCode(202)
  @RouteConfig(LOGIN_RATE)
  async request(@Body() { userId }: PasswordResetRequestDto, @From() caller: Caller) {
    await this.send(caller, requestPasswordReset({ recoveryId: recoveryIdOf('password', userId), userId }));
    return { message: RESET_ASKED };
  }

  @Put('password-resets/:linkId')
  @Answers(200, DONE, 'RESET_LINK_DEAD')
  @RouteConfig(LOGIN_RATE)
  async reset(
    @Param('linkId') linkId: string,
    @Body() { onetimetoken, newPassword }: PasswordResetDto,
    @From() caller: Caller,
  ) {
    const userId = resetLinkOwner(linkId);
    const vendorCode = partsOf(userId)?.vendorCode;
    if (vendorCode === undefined || !this.links.isToken(linkId, onetimetoken))
      throw new Refused(refusal('RESET_LINK_DEAD'));
    const credentialId = credentialIdOf(caller);
    const tenant = (await partnerUserByUserId(this.decisions, userId))?.tenant ?? '';
    const sender = senderOf(caller, { service: SERVICE, tenant });
    const send = () => this.commands.send(resetPassword({ vendorCode, linkId, credentialId }), sender);
    const { events } = orRefuse(await this.passwords.keepFor(credentialId, newPassword, send));
    const { replacedCredentialId } = events[0]!.data as MessageOf<typeof passwordReset>['data'];
    await this.sessions.endProvenBy(replacedCredentialId);
    return { message: RESET_DONE };
  }

  private async send(caller: Caller, command: Message): Promise<void> {
    orRefuse(await this.commands.send(command, senderOf(caller, { service: SERVICE, tenant: '' })));
  }
}

const REMINDED = {
  en: 'If the address is registered, the user ID is on its way to it.',
  ja: '登録されているメールアドレスの場合、ユーザーIDをお送りします。',
} as const;
const RESET_ASKED = {
  en: 'If the user ID is registered, a link to set a new password is on its way to its mail address.',
  ja: '登録されているユーザーIDの場合、パスワード再設定用のURLをメールでお送りします。',
} as const;
const RESET_DONE = {
  en: 'The password is set. Log in with it.',
  ja: 'パスワードを設定しました。新しいパスワードでログインしてください。',
} as const;
