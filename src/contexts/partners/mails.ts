import type { MailTemplate } from '../../platform/mail/template.js';
import { isResetLinkInForce } from './lookups.js';

/** In front of every subject; neutral until an operator puts in its own name. */
export const BRAND = '【電子契約サービス】';

export const REGISTRATION_NOTICE = 'partners.registration-notice';
export const USER_ID_REMINDER = 'partners.user-id-reminder';
export const PASSWORD_RESET = 'partners.password-reset';

/** Where the link of the mail leads; the page tells what to send where. */
const RESET_PATH = '/api/v1/e-contract/password-resets';

const registrationNotice: MailTemplate = {
  kind: REGISTRATION_NOTICE,
  write: ({ facts }, { address, initialPassword }) => ({
    subject: `${BRAND}ユーザー登録のお知らせ`,
    text: [
      `${facts['name']} 様`,
      '',
      '電子契約サービスのユーザー登録が完了しましたので、お知らせいたします。',
      '',
      '① サービスURL',
      address('/'),
      '',
      '② ユーザーIDと初期パスワード',
      `ユーザーID: ${facts['userId']}`,
      `初期パスワード: ${initialPassword(facts['credentialId']!)}`,
      '',
      '初回ログイン時に、画面の案内に従ってパスワードを変更してください。',
    ].join('\n'),
  }),
};

const userIdReminder: MailTemplate = {
  kind: USER_ID_REMINDER,
  write: ({ facts }) => ({
    subject: `${BRAND}ユーザーIDのご案内`,
    text: [
      'ユーザーIDのお問い合わせをいただきましたので、ご案内いたします。',
      '',
      `このメールアドレスで登録されているユーザーID: ${facts['userIds']}`,
      '',
      'お心当たりのない場合は、このメールを破棄してください。',
    ].join('\n'),
  }),
};

const passwordReset: MailTemplate = {
  kind: PASSWORD_RESET,
  outdated: async ({ facts }, { decisions, now }) =>
    (await isResetLinkInForce(decisions, facts['linkId']!, now)) ? null : 'the link is not in force any more',
  write: ({ facts }, { link }) => ({
    subject: `${BRAND}パスワード再設定のご案内`,
    text: [
      `${facts['name']} 様`,
      '',
      'パスワード再設定のお申し込みを受け付けました。次のURLから新しいパスワードを設定してください。',
      link(RESET_PATH, facts['linkId']!),
      '',
      'URLの有効期限は24時間で、設定できるのは1回のみです。',
      'お心当たりのない場合は、このメールを破棄してください。パスワードは変更されません。',
    ].join('\n'),
  }),
};

export const partnersMails: readonly MailTemplate[] = [registrationNotice, userIdReminder, passwordReset];
