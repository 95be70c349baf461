import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nameFaults, proseFaults, idFaults, passwordFaults, validate } from './policies.js';
import { POLICIES } from './service-policies.js';

const portal = POLICIES['client-portal'];
const banking = POLICIES['corporate-banking'];
const rules = (faults: readonly { rule: string }[]) => faults.map(({ rule }) => rule);
/** Any mixture of what people type: ASCII, full-width, spaces, control characters. */
const typed = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('Ａ', 'あ', '　', '𠮷', 'ｱ'),
  ),
  maxLength: 40,
});

describe('the password rule of the client portal', () => {
  it.each(['Ab#4567', 'Bridge#2026', 'View#2026', 'a1!a1!a1!a1!a1!a1!a1!a1!a1!a1!a1', "a1'a1'a1'"])(
    'takes %s',
    (value) => expect(passwordFaults(portal.password!, value)).toEqual([]),
  );

  it.each<[string, string[]]>([
    ['', ['required']],
    ['Ab#456', ['minLength']],
    ['Ab#45678901234567890123456789012x', ['maxLength']],
    ['Abcdefg1', ['symbol']],
    ['abcdef#', ['digit']],
    ['123456#', ['letter']],
    ['Ab"45678', ['forbiddenCharacter']],
    ['Ａb#45678', ['halfWidth']],
    ['Ab 45678', ['symbol', 'noSpace']],
    ['abc', ['minLength', 'digit', 'symbol']],
    ['あ　', ['minLength', 'letter', 'digit', 'symbol', 'noSpace', 'halfWidth']],
  ])('refuses %j for %j, all at once', (value, expected) =>
    expect(rules(passwordFaults(portal.password!, value))).toEqual(expected),
  );

  it('agrees with one regular expression that says the whole rule', () => {
    const whole = /^(?=.*[A-Za-z])(?=.*[0-9])(?=.*[!#-/:-@[-`{-~])[!#-~]{7,32}$/;
    fc.assert(
      fc.property(typed, (value) => (passwordFaults(portal.password!, value).length === 0) === whole.test(value)),
      { numRuns: 2000 },
    );
  });
});

describe('the password rule of corporate banking', () => {
  it.each(['abc123', 'A1b2C3d4E5f6'])('takes %s', (value) =>
    expect(passwordFaults(banking.password!, value)).toEqual([]),
  );
  it.each<[string, string]>([
    ['abcdef', 'digit'],
    ['123456', 'letter'],
    ['abc12#', 'noSymbol'],
    ['abc12', 'minLength'],
    ['abcdef1234567', 'maxLength'],
  ])('refuses %s: %s', (value, rule) => expect(rules(passwordFaults(banking.password!, value))).toEqual([rule]));
});

describe('the user ID rule of the client portal', () => {
  it.each(['abcd', 'a.b-c_1', 'kanri01', '._-.', 'a'.repeat(32)])('takes %s', (value) =>
    expect(idFaults(portal.loginId!, value)).toEqual([]),
  );
  it.each<[string, string[]]>([
    ['', ['required']],
    ['abc', ['minLength']],
    ['a'.repeat(33), ['maxLength']],
    ['Abcd', ['noUpperCase']],
    ['ab cd', ['noSpace']],
    ['ab@cd', ['allowedCharacters']],
    ['ａｂｃｄ', ['halfWidth']],
    ['A @', ['minLength', 'noUpperCase', 'allowedCharacters', 'noSpace']],
  ])('refuses %j for %j', (value, expected) => expect(rules(idFaults(portal.loginId!, value))).toEqual(expected));

  it('agrees with one regular expression that says the whole rule', () => {
    fc.assert(
      fc.property(
        typed,
        (value) => (idFaults(portal.loginId!, value).length === 0) === /^[a-z0-9._-]{4,32}$/.test(value),
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a display name', () => {
  it.each(['見本 ユーザー#1', 'あ'.repeat(32), '𠮷'.repeat(32), 'ｱ', 'Sample User'])('may be %s', (value) =>
    expect(nameFaults(portal.name!, value)).toEqual([]),
  );
  it.each<[string, string]>([
    ['', 'required'],
    ['   ', 'required'],
    ['　', 'required'],
    ['あ'.repeat(33), 'maxLength'],
    ['a\u0007b', 'noControlCharacter'],
    ['a\nb', 'noControlCharacter'],
    ['a\u2028b', 'noControlCharacter'],
    ['\u200b\u2060', 'required'],
    ['\u3164', 'required'],
    ['abc\u202edef', 'noControlCharacter'],
  ])('may not be %j: %s', (value, rule) => expect(rules(nameFaults(portal.name!, value))).toEqual([rule]));
});

describe('sentences that people write', () => {
  const prose = { min: 1, max: 500 };
  it.each(['stolen', 'PC was stolen.\nSee the police report:\r\n\t- 2026-07-01', '𠮷'.repeat(500)])(
    'may be %j',
    (value) => expect(proseFaults(prose, value)).toEqual([]),
  );
  it.each<[string, string]>([
    ['', 'required'],
    [' \n ', 'required'],
    ['a'.repeat(501), 'maxLength'],
    ['a\u0007b', 'noControlCharacter'],
    ['abc\u202edef', 'noControlCharacter'],
  ])('may not be %j: %s', (value, rule) => expect(rules(proseFaults(prose, value))).toEqual([rule]));
});

it('names the field in every fault', () => {
  expect(validate('newPassword', 'abc', { kind: 'password', policy: portal.password! })).toEqual([
    { field: 'newPassword', rule: 'minLength', params: { min: 7 } },
    { field: 'newPassword', rule: 'digit' },
    { field: 'newPassword', rule: 'symbol' },
  ]);
});
