import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { problemsOf } from '../../pki/names.js';
import { isDisplayName } from '../../pki/profiles/display-name.js';
import { personSubject } from '../../pki/profiles/person.js';
import { detailsFaults, holderFault } from './details.decider.js';
import { entered, HOLDER } from '../../../test/kit/application-data.js';

const faultsOf = (over: object) => detailsFaults(entered(over)).map(({ field, rule }) => `${field}:${rule}`);
/** [value, the rules it breaks]; none: it is accepted. */
type Table = readonly (readonly [value: string, ...rules: string[]])[];
const table = (field: string, rows: Table) =>
  describe(field, () => {
    it.each(rows.map(([value, ...rules]) => ({ value, rules })))('$value: $rules', ({ value, rules }) =>
      expect(faultsOf({ [field]: value })).toEqual(rules.map((rule) => `${field}:${rule}`)),
    );
  });

describe('the form as a whole (EC-37)', () => {
  it('is accepted as the specification gives it', () => expect(faultsOf({})).toEqual([]));

  it('names every empty field', () => {
    const empty = Object.fromEntries(Object.keys(entered()).map((field) => [field, '']));
    expect(faultsOf(empty)).toEqual(Object.keys(entered()).map((field) => `${field}:required`));
  });

  it('names exactly the field that is missing', () =>
    expect(faultsOf({ givenNameKana: '' })).toEqual(['givenNameKana:required']));
});

table('companyName', [
  ['見本橋梁建設株式会社'],
  ['Example Bridge Construction Co.'],
  ['橋'.repeat(64)],
  ['橋'.repeat(65), 'maxLength'],
  ['見本橋梁建設株式会社 仙台支店', 'BRANCH_NAME_NOT_ALLOWED'],
  ['見本橋梁建設株式会社 東京営業所', 'BRANCH_NAME_NOT_ALLOWED'],
  ['見本橋梁建設株式会社大阪支社', 'BRANCH_NAME_NOT_ALLOWED'],
  ['見本橋梁建設株式会社出張所', 'BRANCH_NAME_NOT_ALLOWED'],
  ['事業所見本株式会社', 'BRANCH_NAME_NOT_ALLOWED'],
  ['見本\u0007株式会社', 'noControlCharacter'],
  ['　', 'required'],
  // U+FA1B, which Unicode writes as U+798F; a private character; an unseen one; a base letter with its mark behind it.
  ['大\ufa1b株式会社', 'certificateCharacters'],
  ['大福株式会社'],
  ['見本\ue000株式会社', 'certificateCharacters'],
  ['見\u200b本株式会社', 'certificateCharacters'],
  ['見本🏗株式会社', 'certificateCharacters'],
  ['見本☎\ufe0f株式会社', 'certificateCharacters'],
  ['カ\u3099ラス株式会社', 'certificateCharacters'],
  ['ガラス株式会社'],
]);

table('companyNameKana', [
  ['ミホンキョウリョウケンセツカブシキガイシャ'],
  ['ミホン　キョウリョウ・ケンセツ'],
  ['みほん', 'katakana'],
  ['ﾐﾎﾝ', 'katakana'],
  ['ミホン Co', 'katakana'],
  ['見本', 'katakana'],
  ['カ\u3099', 'katakana'],
]);

table('familyName', [
  ['高橋'],
  ['見本'],
  ['髙橋', 'OLD_FORM_GLYPH'],
  ['橋'.repeat(32)],
  ['橋'.repeat(33), 'maxLength'],
  ['見\u2060本', 'certificateCharacters'],
  ['\ue000本', 'certificateCharacters'],
  ['\ufa19本', 'OLD_FORM_GLYPH'],
]);
table('givenName', [
  ['太郎'],
  ['😀', 'certificateCharacters'],
  ['眞一', 'OLD_FORM_GLYPH'],
  ['か\u3099く', 'certificateCharacters'],
  ['がく'],
]);

describe('what the form accepts', () => {
  const letters = [...'見本𠮷髙橋ABc1.()- 　・', ...'\ufa1b\u3099\u0301\u200d\ue000\u2028\u00a0\ufeff\ufe00'];
  const text = (max: number) => fc.array(fc.constantFrom(...letters), { maxLength: max }).map((some) => some.join(''));
  const company = fc.oneof(text(12), text(66), fc.constantFrom('橋'.repeat(64), '橋'.repeat(65)));
  const person = fc.oneof(text(6), fc.constantFrom('橋'.repeat(32), '橋'.repeat(33)));
  const displayName = fc.integer({ min: 55, max: 64 }).map((length) => `Mihon.T${'a'.repeat(length - 7)}`);

  it('can always stand in a certificate', () => {
    let accepted = 0;
    const check = (companyName: string, familyName: string, givenName: string, name: string) => {
      const names = { companyName, familyName, givenName, displayName: name };
      // The edge takes the spaces around a name away, as the specification has it.
      const trimmed = Object.fromEntries(Object.entries(names).map(([field, value]) => [field, value.trim()]));
      const details = entered(trimmed);
      if (detailsFaults(details).length > 0) return;
      accepted += 1;
      expect(problemsOf(personSubject(details))).toEqual([]);
    };
    fc.assert(fc.property(company, person, person, displayName, check), { numRuns: 3000 });
    expect(accepted).toBeGreaterThan(10);
  });
});
table('familyNameKana', [['ミホン'], ['ヴァン・ダー'], ['ー'], ['ミホン ', 'katakana'], ['Mihon', 'katakana']]);
table('givenNameKana', [['タロウ'], ['たろう', 'katakana']]);

const sixtyOne = `Mihon.${'T' + 'a'.repeat(54)}`;
table('displayName', [
  ['Mihon.Taro'],
  ['Mihon.Taro(2)'],
  ['Mihon.Taro.Jr'],
  ['M.T'],
  ['M1.T2'],
  [sixtyOne],
  [`${sixtyOne}a`, 'maxLength'],
  ['Mihon-Taro', 'certificateName'],
  ['Mihon Taro', 'certificateName'],
  ['MIHON.Taro', 'certificateName'],
  ['YAMADA.Taro', 'certificateName'],
  ['mihon.taro', 'certificateName'],
  ['Mihon', 'certificateName'],
  ['Mihon.', 'certificateName'],
  ['Mihon.Taro()', 'certificateName'],
  ['BN-Mihon.Taro', 'certificateName'],
  ['Ｍｉｈｏｎ．Ｔａｒｏ', 'halfWidth'],
  ['', 'required'],
]);

table('contactPhone', [
  ['03-0000-0000'],
  ['0300000000'],
  ['abc', 'phone'],
  ['+81-3-0000-0000', 'phone'],
  ['03 0000 0000', 'phone'],
  ['-03', 'phone'],
  ['０３', 'phone'],
  ['1'.repeat(21), 'maxLength'],
]);

table('holderMail', [
  ['holder@example.com'],
  ['holder@', 'mail'],
  ['holder@example', 'mail'],
  ['a b@example.com', 'mail'],
]);

it('the display name is the one that a certificate can carry (EC-43)', () => {
  expect([...sixtyOne].length).toBe(61);
  for (const [name, right] of [
    [sixtyOne, true],
    [`${sixtyOne}a`, false],
    ['Mihon.Taro(2)', true],
    ['MIHON.Taro', false],
  ] as const) {
    expect(isDisplayName(name)).toBe(right);
    expect(faultsOf({ displayName: name }).length === 0).toBe(right);
  }
});

it('tells how an old form is to be written (EC-40)', () =>
  expect(detailsFaults(entered({ familyName: '髙橋' }))).toEqual([
    { field: 'familyName', rule: 'OLD_FORM_GLYPH', params: { characters: '髙', suggestion: '高橋' } },
  ]));

describe('who may be holder (EC-38, 41, 42, 60)', () => {
  const agent = {
    applicantType: 'agent',
    companyCode: 'EX001',
    ticketId: 't',
    termYears: 3,
    applicantMail: 'agent@example.com',
  } as const;
  const self = { ...agent, applicantType: 'self', applicantMail: 'holder@example.com' } as const;
  const judge = (
    registration: typeof agent | typeof self,
    user: typeof HOLDER | null,
    holderMail = 'holder@example.com',
    applicantVendors: readonly string[] = [],
  ) => holderFault({ holderMail }, registration, user, applicantVendors)?.code ?? null;

  it.each([
    ['agent and holder', agent, HOLDER, 'holder@example.com', null],
    ['nobody', agent, null, 'holder@example.com', 'USER_ID_NOT_FOUND'],
    ['of another company', agent, { ...HOLDER, companyCode: 'EX002' }, 'holder@example.com', 'USER_ID_NOT_FOUND'],
    ['no signer', agent, { ...HOLDER, roles: ['APPROVER'] }, 'holder@example.com', 'HOLDER_NOT_SIGNER'],
    [
      'the agent',
      agent,
      { ...HOLDER, roles: ['APPROVER'], mails: ['agent@example.com'] },
      'holder@example.com',
      'AGENT_USER_ID',
    ],
    [
      'the agent by a second address',
      agent,
      { ...HOLDER, mails: ['x@example.com', 'Agent@Example.com'] },
      'holder@example.com',
      'AGENT_USER_ID',
    ],
    ["the agent's mail", agent, HOLDER, 'agent@example.com', 'HOLDER_MAIL_IS_AGENT'],
    ["the agent's mail in capitals", agent, HOLDER, 'AGENT@example.com', 'HOLDER_MAIL_IS_AGENT'],
    ['in person', self, HOLDER, 'holder@example.com', null],
    ['in person with another mail', self, HOLDER, 'other@example.com', 'HOLDER_MAIL_DIFFERS'],
    ['a mail that is not the holder’s', agent, HOLDER, 'mine@example.com', 'HOLDER_MAIL_UNKNOWN'],
    ["the holder's mail in capitals", agent, HOLDER, 'HOLDER@example.com', null],
    [
      "the holder's second mail",
      agent,
      { ...HOLDER, mails: ['first@example.com', 'holder@example.com'] },
      'holder@example.com',
      null,
    ],
    [
      'in person, with a mail that is not the user’s',
      self,
      { ...HOLDER, mails: ['real@example.com'] },
      'holder@example.com',
      'HOLDER_MAIL_UNKNOWN',
    ],
  ] as const)('%s', (_, registration, user, mail, code) =>
    expect(judge(registration, user as typeof HOLDER | null, mail)).toBe(code),
  );

  it.each([
    ['of nobody known', [], null],
    ["of the holder's partner", ['A10001'], null],
    ['of several, the holder’s among them', ['A10001', 'B20001'], null],
    ['of another partner of the same owner', ['B20001'], 'USER_ID_NOT_FOUND'],
  ])('an agent %s', (_, vendors, code) => expect(judge(agent, HOLDER, 'holder@example.com', vendors)).toBe(code));
});
