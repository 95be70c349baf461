import { inJapan } from '../../kernel/calendar.js';
import type { Entered } from './details.decider.js';
import type { Registration } from './state.js';

const LABELS: Readonly<Record<keyof Entered, string>> = {
  companyName: '会社名 (Company name)',
  companyNameKana: '会社名カナ (Company name, kana)',
  familyName: '名義人 姓 (Holder, family name)',
  givenName: '名義人 名 (Holder, given name)',
  familyNameKana: '名義人 姓カナ (Family name, kana)',
  givenNameKana: '名義人 名カナ (Given name, kana)',
  holderUserId: '名義人ユーザーID (Holder user ID)',
  holderMail: '名義人メールアドレス (Holder mail)',
  displayName: '証明書上の表記名 (Certificate display name)',
  contactPhone: '連絡先電話番号 (Contact phone)',
};

export type Summary = Readonly<{
  applicationId: string;
  registration: Registration;
  entered: Entered;
  fileName: string | null;
  now: Date;
  /** Only in the holder's own copy, which nobody keeps here. */
  pin?: string;
}>;

/** One value a line, whatever somebody typed into it. */
const line = (label: string, value: string): string => `${label}: ${value.replace(/[\r\n]+/g, ' ')}`;

/** The registered content as a text file; with a byte order mark, because old editors take it for another encoding. */
export const summaryText = ({ applicationId, registration, entered, fileName, now, pin }: Summary): string => {
  const lines = [
    '電子証明書 発行申請 登録内容',
    line('申請ID (Application)', applicationId),
    line('出力日時 (Written at)', inJapan(now)),
    line('企業コード (Company code)', registration.companyCode),
    line('申請者メールアドレス (Applicant mail)', registration.applicantMail),
    line('有効年数 (Term in years)', String(registration.termYears)),
    ...(Object.keys(LABELS) as (keyof Entered)[]).map((field) =>
      line(LABELS[field], field === 'displayName' ? `BN-${entered[field]}` : entered[field]),
    ),
    line('本人確認書類 (Identity document)', fileName ?? ''),
    ...(pin === undefined
      ? []
      : [line('証明書PIN (Certificate PIN)', pin), 'この内容は大切に保管してください。PINは再発行できません。']),
  ];
  return `\ufeff${lines.join('\r\n')}\r\n`;
};
