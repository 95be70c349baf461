import { describe, expect, it } from '@jest/globals';
import { PROFILES } from './catalogue.js';
import { commonNameOf, COMMON_NAME_OF_A_PERSON, isDisplayName } from './display-name.js';
import { termOf } from './term.js';

describe('the certificate display name (EC-43)', () => {
  it.each([
    'Mihon.Taro',
    'Mihon.Taro(2)',
    'Mihon.Taro(A.1)',
    'M.T',
    'Mihon.Taro.Jiro',
    'Mihon2.Taro3',
    `M.${'T'}${'a'.repeat(58)}`,
  ])('%s is one, and the common name is BN- before it', (name) => {
    expect(isDisplayName(name)).toBe(true);
    expect(commonNameOf(name)).toBe(`BN-${name}`);
    expect(commonNameOf(name)).toMatch(COMMON_NAME_OF_A_PERSON);
  });

  it.each([
    '',
    'Mihon',
    'Mihon-Taro',
    'Mihon Taro',
    'MIHON.Taro',
    'mihon.Taro',
    'Mihon.taro',
    'Ｍihon.Taro',
    'Mihon.Taro()',
    'Mihon.Taro(2)x',
    'Mihon.Taro\n',
    'BN-Mihon.Taro',
    `M.${'T'}${'a'.repeat(59)}`,
  ])('%j is none', (name) => {
    expect(isDisplayName(name)).toBe(false);
    expect(() => commonNameOf(name)).toThrow(RangeError);
  });
});

describe('the term of a personal certificate', () => {
  it.each([
    ['2026-07-08T00:00:00Z', 3, '2029-07-07T14:59:59Z'],
    ['2026-07-08T14:59:59.999Z', 1, '2027-07-07T14:59:59Z'],
    ['2026-07-08T15:00:00Z', 1, '2027-07-08T14:59:59Z'],
    ['2028-02-29T03:00:00Z', 1, '2029-02-28T14:59:59Z'],
    ['2027-02-28T03:00:00Z', 1, '2028-02-27T14:59:59Z'],
    ['2026-12-31T15:00:00Z', 2, '2028-12-31T14:59:59Z'],
  ])('issued at %s for %d years, it ends with the eve of the anniversary in Japan', (issuedAt, years, end) => {
    expect(termOf(new Date(issuedAt), years).notAfter).toEqual(new Date(end));
  });

  it('begins with the second of issue', () => {
    expect(termOf(new Date('2026-07-08T00:00:00.999Z'), 1).notBefore).toEqual(new Date('2026-07-08T00:00:00Z'));
  });
});

describe('the profiles', () => {
  it('are listed under their own names', () => {
    for (const [id, profile] of Object.entries(PROFILES)) expect(profile.id).toBe(id);
  });

  it('let only authorities sign certificates, and mix no purposes of different hierarchies', () => {
    for (const { authority, keyUsage, extendedKeyUsage } of Object.values(PROFILES)) {
      expect(keyUsage.includes('keyCertSign')).toBe(authority !== undefined);
      const groups = [['serverAuth'], ['clientAuth'], ['documentSigning'], ['ocspSigning']] as const;
      expect(groups.filter(([usage]) => extendedKeyUsage.includes(usage)).length).toBeLessThanOrEqual(1);
    }
  });
});
