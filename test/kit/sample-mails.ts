import type { MailTemplate } from '../../src/platform/mail/template.js';

/** A mail as the services have them: thanks, a link, what to do when it has died. */
export const sampleLinkMail: MailTemplate = {
  kind: 'samples.link',
  write: ({ facts }, { link }) => ({
    subject: '【見本】お申込みのご案内',
    text: [
      `${facts['name']} 様`,
      '',
      'お申込みありがとうございます。次のURLから手続きをお進めください。',
      link('/samples/open', facts['linkId']!),
      'URLの有効期限は3日間です。',
    ].join('\n'),
  }),
};

/** A mail with a password and papers. */
export const sampleNoticeMail: MailTemplate = {
  kind: 'samples.notice',
  write: ({ facts }, { initialPassword }) => ({
    subject: '【見本】ユーザー登録のお知らせ',
    text: `初期パスワード: ${initialPassword(facts['credentialId']!)}`,
    attachments: [{ fileName: '利用案内.txt', mediaType: 'text/plain', content: Buffer.from('ご案内') }],
  }),
};
