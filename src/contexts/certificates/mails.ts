import type { MailRequest, MailTemplate } from '../../platform/mail/template.js';

export const REVOKED_TO_HOLDER = 'certificates.revoked-to-holder';
export const REVOKED_TO_ADMINISTRATOR = 'certificates.revoked-to-administrator';
export const EXPIRES_TO_HOLDER = 'certificates.expires-to-holder';
export const EXPIRES_TO_ADMINISTRATOR = 'certificates.expires-to-administrator';

const SUBJECT = '電子証明書失効のお知らせ';
const EXPIRY_SUBJECT = '電子証明書有効期限のお知らせ';

const which = ({ facts }: MailRequest): readonly string[] => [
  `証明書: ${facts['commonName']}`,
  `ユーザーID: ${facts['userId']}`,
  `シリアル番号: ${facts['serial']}`,
];
const about = (request: MailRequest): readonly string[] => [
  ...which(request),
  `失効日時: ${request.facts['revokedAt']}`,
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

const expiring = (salutation: string) => (request: MailRequest) => ({
  subject: EXPIRY_SUBJECT,
  text: [
    salutation,
    '',
    '下記の電子証明書の有効期限が近づいています。有効期限を過ぎると、この証明書で署名することはできません。',
    '',
    ...which(request),
    `有効期限: ${request.facts['validUntil']}`,
    '',
    '引き続き電子署名をご利用になる場合は、チケットを購入のうえ、お早めに新しい証明書の発行をお申し込みください。',
    '発行には数日かかります。',
    '',
    '登録局（LRA）',
  ].join('\n'),
});

export const certificateMails: readonly MailTemplate[] = [
  { kind: EXPIRES_TO_HOLDER, write: expiring('電子証明書をご利用のお客様') },
  { kind: EXPIRES_TO_ADMINISTRATOR, write: expiring('グループ管理者様') },
  { kind: REVOKED_TO_HOLDER, write: (request) => ({ subject: SUBJECT, text: toHolder(request) }) },
  { kind: REVOKED_TO_ADMINISTRATOR, write: (request) => ({ subject: SUBJECT, text: toAdministrator(request) }) },
];
