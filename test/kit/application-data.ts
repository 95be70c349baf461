/** The sample application of the specification, for specs of rules and for journeys alike. */
export const entered = (over: object = {}) => ({
  companyName: '見本橋梁建設株式会社',
  companyNameKana: 'ミホンキョウリョウケンセツカブシキガイシャ',
  familyName: '見本',
  givenName: '太郎',
  familyNameKana: 'ミホン',
  givenNameKana: 'タロウ',
  holderUserId: 'A1000101',
  holderMail: 'holder@example.com',
  displayName: 'Mihon.Taro',
  contactPhone: '03-0000-0000',
  ...over,
});

export const HOLDER = {
  accountId: 'account-1',
  userId: 'A1000101',
  vendorCode: 'A10001',
  companyCode: 'EX001',
  tenant: 'A10001',
  roles: ['SIGNER'] as string[],
  mails: ['holder@example.com'] as string[],
};
