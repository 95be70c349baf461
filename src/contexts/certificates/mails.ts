import type { MailRequest, MailTemplate } from '../../platform/mail/template.js';

export const REVOKED_TO_HOLDER = 'certificates.revoked-to-holder';
export const REVOKED_TO_ADMINISTRATOR = 'certificates.revoked-to-administrator';

const SUBJECT = '電子証明書失効のお知らせ';

const about = ({ facts }: MailRequest): readonly string[] => [
  `証明書: ${facts['commonName']}`,
  `ユーザーID: ${facts['userId']}`,
  `シリアル番号: ${facts['serial']}`,
  `失効日時: ${facts['revokedAt']}`,
];

const toHolder = (request: MailRequest): string =>
  [
    '電子証明書をご利用のお客様',
    '',
    '下記の電子証明書が失効しました。以後、この証明書で署名することはできません。',
    '',
    ...about(request),
    '',
    '引き続き電子署名をご利用になる場合は、チケットを購入のうえ、あらためて発行をお申し込みください。',
    'お心当たりのない場合は、登録局までご連絡ください。',
    '',
    '登録局（LRA）',
  ].join('\n');

const toAdministrator = (request: MailRequest): string =>
  [
    'グループ管理者様',
    '',
    '下記の署名者の電子証明書が失効しました。以後、この証明書で署名することはできません。',
    '',
    ...about(request),
    '',
    '署名を続けるには、あらためて証明書の発行申請が必要です。',
    '',
    '登録局（LRA）',
  ].join('\n');

export const certificateMails: readonly MailTemplate[] = [
  { kind: REVOKED_TO_HOLDER, write: (request) => ({ subject: SUBJECT, text: toHolder(request) }) },
  { kind: REVOKED_TO_ADMINISTRATOR, write: (request) => ({ subject: SUBJECT, text: toAdministrator(request) }) },
];
