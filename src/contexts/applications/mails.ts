import type { IssuanceConfig } from '../../platform/config/config.js';
import type { MailSecrets, MailTemplate } from '../../platform/mail/template.js';
import { isDead } from './links.decider.js';
import { applicationById } from './lookups.js';
import { MAIL_KINDS, type MailName } from './mail-orders.js';
import { actingLinkOf } from './state.js';

type Facts = Readonly<Record<string, string>>;
type Written = Readonly<{ subject: string; lines: readonly string[] }>;
type Writer = (facts: Facts, link: (page: string) => string) => Written;

/** Where a link leads: to the page that answers it. The service adds the link's id and token. */
const pathOf = ({ applicationId }: Facts, page: string): string =>
  `/api/v1/e-contract/issuance/applications/${applicationId}/${page}`;

const ON_THREE_DAYS = [
  '上記URLの有効期限は、本メールの送信から3日間です。',
  '有効期限を過ぎた場合は、お手数ですが申請登録をやり直してください。',
];

type LinkMail = 'applicationLink' | 'holderApprovalRequest' | 'linkReminder';
const LINK_MAILS: readonly string[] = ['applicationLink', 'holderApprovalRequest', 'linkReminder'] satisfies LinkMail[];

/** A link that has died, was replaced, or has done its work opens nothing: nobody is sent it any more. */
const withoutLink: NonNullable<MailTemplate['outdated']> = async ({ facts }, { decisions, now }) => {
  const link = actingLinkOf(await applicationById(decisions, facts['applicationId']!));
  return link?.linkId === facts['linkId'] && !isDead(link!.expiresAt, now) ? null : 'the link is not in force any more';
};

const linkWriters = (brand: string): Readonly<Record<LinkMail, Writer>> => ({
  applicationLink: (_, link) => ({
    subject: `${brand}証明書オンライン申請登録のご案内`,
    lines: [
      `${brand}証明書のオンライン申請登録をご利用いただき、ありがとうございます。`,
      '下記のURLから申請内容の入力をお願いいたします。',
      '',
      link('link'),
      '',
      ...ON_THREE_DAYS,
      '申請はまだ完了していません。',
    ],
  }),
  holderApprovalRequest: ({ applicant, holderName }, link) => ({
    subject: `${brand}証明書発行申請のご確認と承認のお願い`,
    lines: [
      `${holderName} 様`,
      '',
      `${applicant} 様より、あなたを名義人とする${brand}証明書の発行申請がありました。`,
      '下記のURLから内容をご確認のうえ、PINを設定して承認してください。',
      '',
      link('approval'),
      '',
      '上記URLの有効期限は、本メールの送信から3日間です。',
      'お心当たりのない場合は、同じ画面から申請を拒否できます。',
    ],
  }),
  linkReminder: ({ page, expires }, link) => ({
    subject: `【再度のご案内】${brand}証明書 お手続きの期限が近づいています`,
    lines: [
      `お手続きがまだ完了していません。URLの有効期限は ${expires} です。`,
      '期限を過ぎると申請は無効となり、申請登録をやり直していただく必要があります。',
      '',
      link(page!),
    ],
  }),
});

const noticeWriters = (brand: string): Readonly<Record<Exclude<MailName, LinkMail>, Writer>> => ({
  applicationAccepted: ({ holderName }) => ({
    subject: `${brand}証明書発行申請を受け付けました`,
    lines: [
      `${holderName} 様`,
      '',
      '発行申請を受け付けました。審査には数日かかります。発行が完了しましたら、あらためてご連絡します。',
    ],
  }),
  issuanceCompleted: ({ holderName }) => ({
    subject: `${brand}証明書 発行完了のお知らせ`,
    lines: [
      `${holderName} 様を名義人とする${brand}証明書の発行が完了しました。`,
      '証明書は電子契約サービスに自動登録され、翌々営業日からご利用いただけます。登録の操作は不要です。',
      'すでに別の証明書が登録されている場合は、そのとき今回の証明書に置き換わります。以前の証明書は失効せず、グループ管理者が登録に戻せます。',
    ],
  }),
  reapplicationRequest: ({ reason }) => ({
    subject: `${brand}証明書 再申請のお願い`,
    lines: [
      'ご提出いただいた書類では内容を確認できなかったため、申請をお返しします。',
      '',
      `理由: ${reason}`,
      '',
      'お手数ですが、申請登録からやり直してください。同じチケット番号をお使いいただけます。',
    ],
  }),
  applicationExpired: () => ({
    subject: `${brand}証明書発行申請の有効期限が切れました`,
    lines: [
      '期限までにお手続きが完了しなかったため、申請は無効となりました。',
      'お手数ですが、申請登録からやり直してください。同じチケット番号をお使いいただけます。',
    ],
  }),
  applicationRejected: ({ holderName, reason }) => ({
    subject: `${brand}証明書発行申請が承認されませんでした`,
    lines: [
      `名義人 ${holderName} 様が発行申請を承認しませんでした。`,
      '',
      `理由: ${reason}`,
      '',
      '申請は終了しました。同じチケット番号で、あらためて申請登録ができます。',
    ],
  }),
});

/** Mails 5 to 8, 11 and 12 of the e-contract service, in Japanese, signed by the LRA. */
export const applicationMails = ({
  certificateBrand,
  lra,
}: Pick<IssuanceConfig, 'certificateBrand' | 'lra'>): readonly MailTemplate[] => {
  const signature = ['', '--', lra.name, lra.contact];
  const writers: Readonly<Record<MailName, Writer>> = {
    ...linkWriters(certificateBrand),
    ...noticeWriters(certificateBrand),
  };
  return Object.entries(writers).map(([name, write]) => ({
    kind: MAIL_KINDS[name as MailName],
    ...(LINK_MAILS.includes(name) ? { outdated: withoutLink } : {}),
    write: ({ facts }, secrets: MailSecrets) => {
      const link = (page: string) => secrets.link(pathOf(facts, page), facts['linkId']!);
      const { subject, lines } = write(facts, link);
      return { subject, text: [...lines, ...signature].join('\n') };
    },
  }));
};
