import { Body, Controller, Get, Header, HttpCode, Inject, Post, Put, Query } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { partners } from '../../../projections/partners/projection.js';
import { bearersOfMail } from '../../../projections/partners/queries.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import type { Message, MessageOf } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { Links } from '../../platform/access/links.js';
import { Passwords } from '../../platform/access/passwords.js';
import { Sessions } from '../../platform/access/sessions.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { Answers, bilingual, listOf, MayAsk, shape, text, whole } from '../../platform/http/documented.js';
import { Follows, Given, Repeats, Trimmed } from '../../platform/http/follows.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Open } from '../../platform/http/session-guard.js';
import { Keyring } from '../../platform/vault/keyring.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { credentialIdOf, partnerOf } from './access.js';
import {
  MAIL,
  partsOf,
  type passwordReset,
  requestPasswordReset,
  requestUserIdReminder,
  resetLinkCompany,
  resetPassword,
  SERVICE,
} from './messages.js';
import { bearerOf } from './passwords.decider.js';

const RECOVERY_ID_DIGITS = 32;
const PASSWORD = POLICIES[SERVICE].password!;

class UserIdReminderDto {
  @Trimmed() @Follows(MAIL) mail!: string;
}
class PasswordResetRequestDto {
  @Given() userId!: string;
}
class PasswordResetDto {
  /** Both from the address in the mail. */
  @Given() link!: string;
  @Given() onetimetoken!: string;
  @Follows({ kind: 'password', policy: PASSWORD }) newPassword!: string;
  @Repeats('newPassword') newPasswordRepeat!: string;
}

const SCREEN = shape({ message: bilingual });
const RESET_PAGE = shape({
  userId: text,
  rule: shape({ min: whole, max: whole, mandatory: listOf(text) }),
  action: shape({ method: text, path: text, fields: listOf(text) }),
});

const SET_PASSWORD = {
  method: 'PUT',
  path: `/api/v1/${SERVICE}/password-resets`,
  fields: ['link', 'onetimetoken', 'newPassword', 'newPasswordRepeat'],
} as const;

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
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('user-id-reminders')
  @Answers(202, SCREEN)
  @HttpCode(202)
  @RouteConfig(LOGIN_RATE)
  async remind(@Body() { mail }: UserIdReminderDto, @From() caller: Caller) {
    const bearers = await this.readModels.query(partners, (rows) => bearersOfMail(rows, mail));
    const recoveryId = this.recoveryIdOf('userId', mail.toLowerCase());
    await this.send(caller, requestUserIdReminder({ recoveryId, bearers: [...bearers] }));
    return { message: REMINDED };
  }

  @Post('password-resets')
  @Answers(202, SCREEN)
  @HttpCode(202)
  @RouteConfig(LOGIN_RATE)
  async request(@Body() { userId }: PasswordResetRequestDto, @From() caller: Caller) {
    const recoveryId = this.recoveryIdOf('password', userId);
    await this.send(caller, requestPasswordReset({ recoveryId, userId: partsOf(userId) && userId }));
    return { message: RESET_ASKED };
  }

  /** Where the link of the mail leads: for whom it is, and what to send. */
  @Get('password-resets')
  @MayAsk('link', 'onetimetoken')
  @Answers(200, RESET_PAGE, 'RESET_LINK_DEAD')
  @Header('referrer-policy', 'no-referrer')
  @RouteConfig(LOGIN_RATE)
  async open(@Query('link') link = '', @Query('onetimetoken') onetimetoken = '') {
    const { partner } = await this.opened(link, onetimetoken);
    const bearer = bearerOf(partner, link, this.clock.now());
    if (!bearer) throw new Refused(refusal('RESET_LINK_DEAD'));
    const { min, max, mandatory } = PASSWORD;
    return { userId: bearer.userId, rule: { min, max, mandatory }, action: SET_PASSWORD };
  }

  @Put('password-resets')
  @Answers(200, SCREEN, 'RESET_LINK_DEAD')
  @RouteConfig(LOGIN_RATE)
  async reset(@Body() { link: linkId, onetimetoken, newPassword }: PasswordResetDto, @From() caller: Caller) {
    const { partner, vendorCode } = await this.opened(linkId, onetimetoken);
    const tenant = bearerOf(partner, linkId, this.clock.now())?.groupId ?? '';
    const credentialId = credentialIdOf(caller);
    const sender = senderOf(caller, { service: SERVICE, tenant });
    const send = () => this.commands.send(resetPassword({ vendorCode, linkId, credentialId }), sender);
    const { events, repeated } = orRefuse(await this.passwords.keepFor(credentialId, newPassword, send));
    const { accountId } = events[0]!.data as MessageOf<typeof passwordReset>['data'];
    if (!repeated) await this.sessions.endOf(accountId);
    return { message: RESET_DONE };
  }

  private async opened(linkId: string, onetimetoken: string) {
    const vendorCode = resetLinkCompany(linkId);
    if (vendorCode === null || !this.links.isToken(linkId, onetimetoken))
      throw new Refused(refusal('RESET_LINK_DEAD'), true);
    return { vendorCode, partner: await partnerOf(this.decisions, vendorCode) };
  }

  /** One stream for each name that somebody typed. Keyed: whoever reads the store must not try addresses on it. */
  private recoveryIdOf(kind: 'userId' | 'password', typed: string): string {
    return this.keyring.derive('recovery', kind, typed).toString('hex').slice(0, RECOVERY_ID_DIGITS);
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
