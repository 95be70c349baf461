/** What the pages of a purchase say, and the bar that shows how far it has come (EC-13). */
export const STEPS = [
  'enterContact',
  'receiveLink',
  'chooseDeliveryType',
  'enterDetails',
  'waitForIssuance',
  'receiveTickets',
] as const;
export type Step = (typeof STEPS)[number];

export const progressAt = (current: Step) => {
  const at = STEPS.indexOf(current);
  return STEPS.map((step, index) => ({ step, state: index < at ? 'done' : index === at ? 'current' : 'open' }));
};

export const MANUAL = '/api/v1/e-contract/ticket-purchases/manual';

export const DELIVERY_TYPES_SHOWN = [
  {
    type: 'DIRECT',
    en: 'Deliver directly to the e-contract service (for those who sign after logging in)',
    ja: '電子契約サービスに直接送付（ログイン後に署名される方）',
  },
] as const;

export const TEXTS = {
  sent: {
    en: 'A mail was sent. Go on with the purchase by the address in it; it is valid for three days.',
    ja: 'メールを送信しました。メールに記載のURLから購入手続きをお進めください（有効期限は3日間です）。',
  },
  accepted: {
    en: 'Your order was accepted. Ticket numbers and invoice follow by mail within some hours.',
    ja: 'ご注文を受け付けました。チケット番号と請求書は、数時間後にメールでお送りします。',
  },
  manual: [
    'チケット購入の手引き',
    '1. 担当者のメールアドレスを入力し、送信してください。',
    '2. 届いたメールのURL（3日間有効）を開き、証明書送付種類を選択してください。',
    '3. 請求先と購入枚数を入力し、内容を確認のうえ注文してください。',
    '4. 注文受付のメールのあと、数時間でチケット番号（Excel）と請求書（PDF）が届きます。',
    '5. チケットはお支払いの完了を待たずにご利用いただけます。',
  ].join('\n'),
} as const;
