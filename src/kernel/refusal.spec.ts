import { describe, expect, it } from '@jest/globals';
import { refusal, REFUSALS, textOf } from './refusal.js';
import { RULES } from './rules.js';
import { hasControlCharacter, isFullWidth, isHalfWidth, lengthOf } from './text.js';

const placeholders = (template: string) => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('refusals', () => {
  it('say the same in both languages', () => {
    for (const { en, ja } of [...Object.values(REFUSALS), ...Object.values(RULES)]) {
      expect([...new Set(placeholders(ja))]).toEqual([...new Set(placeholders(en))]);
      expect(isHalfWidth(ja)).toBe(false);
    }
  });

  it('fill in what happened', () => {
    const existing = refusal('PROCEDURE_USER_EXISTS', { holder: 'Sample User', user: 'Second User' });
    expect(textOf(existing, 'en')).toContain('from Sample User to Second User?');
    expect(textOf(existing, 'ja')).toContain('Sample User から Second User へ');
  });
});

describe('text', () => {
  it('counts code points', () => expect([lengthOf(''), lengthOf('あ𠮷a'), lengthOf('👍')]).toEqual([0, 3, 1]));

  it.each([
    ['Ab#1 ', true, false],
    ['Ａ', false, true],
    ['漢字ー', false, true],
    ['ｱｲ', false, false],
    ['あa', false, false],
  ])('%s half-width %s, full-width %s', (value, half, full) => {
    expect(isHalfWidth(value)).toBe(half);
    expect(isFullWidth(value)).toBe(full);
  });

  it('sees what cannot be seen', () => {
    expect(['\u0000', '\ud800', '\u202e'].every(hasControlCharacter)).toBe(true);
    expect(hasControlCharacter('見本 ユーザー#1')).toBe(false);
  });
});
