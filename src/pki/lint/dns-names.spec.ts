import { beforeAll, describe, expect, it } from '@jest/globals';
import { LintDesk } from '../../../test/kit/lint.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { PROFILES } from '../profiles/catalogue.js';

const now = new Date('2026-07-08T01:00:00.000Z');
let desk: LintDesk;
beforeAll(async () => {
  desk = await LintDesk.open(ownFolder(), now);
});

describe('host names', () => {
  const judged = (names: string[], profile: 'server-organization' | 'server-extended' = 'server-organization') =>
    desk.judge(desk.server, desk.site({ dnsNames: names }), PROFILES[profile]).filter((finding) => /DNS/.test(finding));

  it.each([['www.example.com'], ['xn--eckwd4c7c.example.com'], [`${'a'.repeat(63)}.example.com`], ['*.example.com']])(
    '%s is certified',
    (name) => expect(judged(['www.example.com', name].filter((n, i, all) => all.indexOf(n) === i))).toEqual([]),
  );

  it.each([
    'example',
    'WWW.example.com',
    'www.example.com.',
    'www..example.com',
    '-www.example.com',
    'www-.example.com',
    'w_w.example.com',
    '192.0.2.1',
    '日本.example.com',
    '*.com',
    '*.*.example.com',
    'w*.example.com',
    'www.*.example.com',
    `${'a'.repeat(64)}.example.com`,
    `${'a.'.repeat(126)}ab`,
  ])('%s is not', (name) => expect(judged(['www.example.com', name])).toEqual(['DNS_NAME']));

  it('are unique, hold the common name, and no wildcard under extended validation', () => {
    expect(judged(['www.example.com', 'www.example.com'])).toEqual(['DNS_NAME']);
    expect(judged(['api.example.com'])).toEqual(['COMMON_NAME_NOT_IN_DNS_NAMES']);
    expect(judged(['www.example.com', '*.example.com'], 'server-extended')).toEqual(['DNS_NAME']);
    expect(desk.judge(desk.server, desk.site({ dnsNames: [] }))).toEqual([
      'COMMON_NAME_NOT_IN_DNS_NAMES',
      'EXTENSION_MISSING 2.5.29.17',
    ]);
  });
});
