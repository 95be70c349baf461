/**
 * What an applicant must agree to (EC-27). A changed text is a new version beside the old one: every recorded consent
 * names the words that were agreed to.
 */
export const DUTIES_VERSION = '2026-07-01';

const DUTIES = [
  {
    en: 'The LRA, the policy body and those who verify a signature may use and see the personal data that is entered here.',
    ja: '入力された個人情報を、LRA、ポリシー機関および検証者が利用し、または閲覧することに同意すること。',
  },
  {
    en: 'The certificate policy is accepted, and the certificate is used only for the purposes that it allows.',
    ja: '証明書ポリシーを承諾し、許可された目的にのみ証明書を利用すること。',
  },
  {
    en: 'The certificate is used in a reasonable environment and guarded against misuse, and no longer used once it is not valid.',
    ja: '適切な環境で証明書を利用し、不正利用を防止し、有効でなくなった証明書の利用を中止すること。',
  },
  {
    en: 'Private key and PIN are kept from third parties; if trust in the certificate is impaired, the LRA is told at once.',
    ja: '秘密鍵とPINを第三者に知られないよう管理し、証明書の信頼性が損なわれた場合は直ちにLRAへ届け出ること。',
  },
  {
    en: 'The LRA is told at once of loss, theft, damage, a leaked key or PIN, a change of stated matters or the end of use, of the certificate or of the computer or medium that holds it.',
    ja: '証明書、またはそれを格納する機器・媒体について、紛失、盗難、破損、鍵・PINの漏えい、記載事項の変更、利用の終了があった場合は直ちにLRAへ届け出ること。',
  },
  {
    en: 'The LRA is told at once if anything that was entered changes.',
    ja: '申請した内容に変更があった場合は直ちにLRAへ届け出ること。',
  },
  {
    en: 'The certificate may be revoked by the LRA and by the policy body.',
    ja: 'LRAおよびポリシー機関により証明書が失効される場合があることを承諾すること。',
  },
] as const;

export const dutiesOf = (lraName: string) => ({
  version: DUTIES_VERSION,
  duties: DUTIES,
  /** Who handles the application (EC-28). */
  handledBy: {
    en: `Issuance is handled by ${lraName}, the operator registered as local registration authority (LRA).`,
    ja: `発行手続きは、LRA登録事業者である${lraName}が行います。`,
  },
});

export const CONSENT = {
  en: 'I agree to the user duties and to the handling of personal information.',
  ja: '利用者の義務および個人情報の取扱いに同意します。',
} as const;

export const MAIL_FOLLOWS = {
  en: 'After registration a guidance mail is sent to the mail address above.',
  ja: '登録後、上記のメールアドレス宛てにご案内メールを送信します。',
} as const;

export const NOT_COMPLETE = {
  en: 'The application is not yet complete. A URL was sent to your mail address: please check for the mail and go on from there.',
  ja: '申請はまだ完了していません。ご登録のメールアドレス宛てにURLを送信しましたので、メールを確認してお手続きを続けてください。',
} as const;

export const DETAILS_GUIDANCE = {
  en: "The certificate is issued in a personal name: enter the holder's data. If an agent enters the own data, a certificate in the agent's name results. Certificate data cannot be changed later.",
  ja: '証明書は個人名義で発行されます。名義人の情報を入力してください。代理人の情報を入力すると、代理人名義の証明書が発行されます。証明書の記載事項は後から変更できません。',
} as const;

export const AGENT_DONE = {
  en: "The agent's part is finished; now the holder's part follows. A mail was sent to the holder.",
  ja: '代理人による手続きは完了しました。続いて名義人ご本人の手続きが必要です。名義人宛てに確認メールを送信しました。',
} as const;

export const SELF_GOES_ON = {
  en: 'Please set the PIN and approve the issuance now.',
  ja: '続けてPINを設定し、発行を承認してください。',
} as const;

export const HOLDER_DONE = {
  en: 'The application was accepted. The certificate is issued after a review of some days.',
  ja: '申請を受け付けました。数日間の審査の後に証明書が発行されます。',
} as const;

export const APPROVAL_REQUEST = {
  en: 'Please check the content and approve. Issuance starts once it is approved.',
  ja: '内容を確認し、承認してください。承認後に発行手続きが開始されます。',
} as const;

export const PIN_GUIDANCE = {
  en: 'Exactly 12 half-width letters and digits, capital and small letters distinguished. It is needed when signing; tell it to no one. It cannot be shown, changed or issued again: if it is forgotten, a new ticket and a new application are needed.',
  ja: '半角英数字12文字（大文字・小文字を区別）。署名時に使用します。他人に知らせないでください。PINの照会・変更・再発行はできません。忘れた場合は、新たなチケットの購入と申請が必要です。',
} as const;

export const MANUAL_TEXT = [
  '証明書発行申請の手引き',
  '1. 利用者の責務をお読みのうえ、同意してください。',
  '2. 申請者の種別（本人または代理人）、会社コード、チケット番号、メールアドレスを入力し、申請登録をしてください。',
  '3. 届いたメールのURL（3日間有効）を開き、名義人の情報を入力し、本人確認書類（画像またはPDF）を添付して申請してください。',
  '   証明書の記載事項は、申請後に変更できません。会社名に支店名・営業所名は入力できません。',
  '4. 代理人による申請では、名義人に届くメールのURL（3日間有効）から名義人が内容を確認し、承認します。',
  '5. 名義人は承認のときに、半角英数字12文字のPINを決めます。PINの再発行・変更はできませんので、大切に保管してください。',
  '6. 審査には数日かかります。発行完了のメールの翌々営業日から、証明書を利用できます。',
  '7. 紛失・盗難・漏えい・記載事項の変更・利用の終了の際は、直ちに失効を申請してください。',
].join('\n');
