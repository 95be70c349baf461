import { AsnConvert } from '@peculiar/asn1-schema';
import { Name } from '@peculiar/asn1-x509';
import { describe, expect, it } from '@jest/globals';
import { encodeName, problemsOf, type Attribute } from './names.js';

const problem = (attribute: Attribute, value: string) => problemsOf([[attribute, value]])[0]?.problem;

describe('a distinguished name', () => {
  it('keeps Japanese text, character by character', () => {
    const texts = ['株式会社例示橋梁建設', '髙﨑①㈱', '𠮷野', 'Example Bridge Construction Co.'];
    for (const text of texts) {
      const [[attribute]] = AsnConvert.parse(encodeName([['organization', text]]), Name) as unknown as [
        [{ value: { utf8String: string } }],
      ];
      expect(attribute.value.utf8String).toBe(text);
    }
  });

  it.each<[Attribute, string, string | undefined]>([
    ['organization', '橋'.repeat(64), undefined],
    ['organization', '橋'.repeat(65), 'TOO_LONG'],
    ['organization', '𠮷'.repeat(64), undefined],
    ['commonName', 'x'.repeat(64), undefined],
    ['commonName', 'x'.repeat(65), 'TOO_LONG'],
    ['commonName', '', 'EMPTY'],
    ['commonName', '　', 'EMPTY'],
    ['commonName', ' x', 'FORBIDDEN_CHARACTER'],
    ['commonName', 'a\u0000b', 'FORBIDDEN_CHARACTER'],
    ['commonName', 'a\u202eb', 'FORBIDDEN_CHARACTER'],
    ['commonName', 'a\u200bb', 'FORBIDDEN_CHARACTER'],
    ['commonName', 'a\ud800', 'FORBIDDEN_CHARACTER'],
    ['organization', 'か\u3099', 'FORBIDDEN_CHARACTER'],
    ['country', 'JP', undefined],
    ['country', 'jp', 'FORBIDDEN_CHARACTER'],
    ['country', '日本', 'FORBIDDEN_CHARACTER'],
    ['serialNumber', 'A10001', undefined],
    ['serialNumber', 'A_10001', 'FORBIDDEN_CHARACTER'],
  ])('%s %j: %s', (attribute, value, expected) => expect(problem(attribute, value)).toBe(expected));

  it('holds no attribute twice', () => {
    expect(
      problemsOf([
        ['commonName', 'a'],
        ['commonName', 'b'],
      ]),
    ).toEqual([{ attribute: 'commonName', problem: 'REPEATED' }]);
  });
});
