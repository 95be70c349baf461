import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { COMPANY, newHierarchy } from '../../../test/kit/pki.js';
import type { Hierarchy } from '../authorities/hierarchies.js';
import { extension } from '../certificates/extensions.js';
import { writeTbsCertificate, type CertificateContent } from '../certificates/tbs-certificate.js';
import { children, elementAt, MalformedDer } from '../der/decode.js';
import {
  explicit,
  generalizedTime,
  objectId,
  octetString,
  printableString,
  sequence,
  TAG,
  tlv,
  utf8String,
} from '../der/encode.js';
import { newKeyPair } from '../keys/key-kinds.js';
import { encodeName, type DistinguishedName } from '../names.js';
import { PROFILES } from '../profiles/catalogue.js';
import type { Profile } from '../profiles/profile.js';
import { daysFrom, termOf, type Validity } from '../profiles/term.js';
import { lint } from './lint.js';

const folder = ownFolder();
const now = new Date('2026-07-08T01:00:00.000Z');
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const HOUR_MS = 3_600_000;
let signing: Hierarchy;
let server: Hierarchy;
let rsa: Buffer;
let ec: Buffer;

beforeAll(async () => {
  signing = await newHierarchy('signing', folder, now);
  server = await newHierarchy('server', folder, now);
  rsa = (await newKeyPair('rsa-3072')).spki;
  ec = (await newKeyPair('p-256')).spki;
});

const SERIAL = '80112233445566778899aabbccddeeff';
const PERSON: DistinguishedName = [
  ['country', 'JP'],
  ['organization', COMPANY],
  ['commonName', 'BN-Mihon.Taro'],
];
const SITE: DistinguishedName = [
  ['country', 'JP'],
  ['stateOrProvince', '東京都'],
  ['organization', COMPANY],
  ['commonName', 'www.example.com'],
];

const person = (change: Partial<CertificateContent> = {}): CertificateContent => ({
  profile: PROFILES['personal-signing'],
  serial: SERIAL,
  subject: PERSON,
  spki: rsa,
  validity: termOf(now, 3),
  ...change,
});
const site = (change: Partial<CertificateContent> = {}): CertificateContent => ({
  profile: PROFILES['server-organization'],
  serial: SERIAL,
  subject: SITE,
  spki: ec,
  validity: daysFrom(now, 90),
  dnsNames: ['www.example.com'],
  ...change,
});

/** Written under one profile, judged by another: what a mistake in the writer or in the data would give. */
const judge = (hierarchy: Hierarchy, content: CertificateContent, profile = content.profile, at = now): string[] =>
  lint(writeTbsCertificate(hierarchy.issuing, content), { profile, issuer: hierarchy.issuing, now: at }).map(
    ({ code, part }) => (part === undefined ? code : `${code} ${part}`),
  );

describe('the lint', () => {
  it('finds nothing wrong with what its profiles describe', () => {
    expect(judge(signing, person())).toEqual([]);
    expect(judge(signing, person({ subject: [...PERSON, ['surname', '見本'], ['givenName', '太郎']] }))).toEqual([]);
    expect(judge(server, site({ dnsNames: ['*.example.com', 'www.example.com'] }))).toEqual([]);
  });

  it.each<[string, () => Partial<CertificateContent>, string[]]>([
    ['a serial of 64 bits', () => ({ serial: '8011223344556677' }), ['SERIAL']],
    ['a serial of 136 bits', () => ({ serial: `01${SERIAL}` }), ['SERIAL']],
    ['no company', () => ({ subject: [PERSON[0]!, PERSON[2]!] }), ['SUBJECT_ATTRIBUTE_MISSING organization']],
    [
      'an attribute too many',
      () => ({ subject: [...PERSON, ['organizationalUnit', '仙台支店']] }),
      ['SUBJECT_ATTRIBUTE_NOT_ALLOWED organizationalUnit'],
    ],
    [
      'a company of 65 characters',
      () => ({ subject: [PERSON[0]!, ['organization', '橋'.repeat(65)], PERSON[2]!] }),
      ['SUBJECT_ATTRIBUTE_TOO_LONG organization'],
    ],
    [
      'a common name without BN-',
      () => ({ subject: [PERSON[0]!, PERSON[1]!, ['commonName', 'Mihon.Taro']] }),
      ['COMMON_NAME_FORM'],
    ],
    [
      'an invisible mark in a name',
      () => ({ subject: [PERSON[0]!, ['organization', `${COMPANY}\u202e`], PERSON[2]!] }),
      ['SUBJECT_ATTRIBUTE_CHARACTER organization'],
    ],
    ['a name twice', () => ({ subject: [...PERSON, PERSON[0]!] }), ['SUBJECT_ATTRIBUTE_REPEATED country']],
    ['names of hosts', () => ({ dnsNames: ['www.example.com'] }), ['EXTENSION_NOT_ALLOWED 2.5.29.17']],
  ])('objects to %s', (_, change, findings) => expect(judge(signing, person(change()))).toEqual(findings));

  it('objects to keys that are too weak, or too weak for so long', async () => {
    const rsa2048 = (await newKeyPair('rsa-2048')).spki;
    expect(judge(signing, person({ spki: rsa2048 }))).toEqual([]);
    const at = new Date('2027-12-31T15:00:00Z');
    const ends2030 = person({ spki: rsa2048, validity: termOf(later(at, -1000), 3) });
    expect(judge(signing, ends2030, undefined, at)).toEqual([]);
    const ends2031 = person({ spki: rsa2048, validity: termOf(later(at, 24 * HOUR_MS), 3) });
    expect(judge(signing, ends2031, undefined, later(at, 24 * HOUR_MS))).toEqual(['KEY_TOO_WEAK_FOR_TERM']);
    const others = [
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
      generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
      generateKeyPairSync('ed25519'),
    ];
    for (const { publicKey } of others) {
      const spki = publicKey.export({ type: 'spki', format: 'der' });
      expect(judge(signing, person({ spki }))).toEqual(['KEY_KIND']);
    }
  });

  it('objects to a profile that this authority does not issue', () => {
    expect(judge(signing, site())).toContain('PROFILE_NOT_ISSUED_HERE');
    expect(judge(server, person())).toContain('PROFILE_NOT_ISSUED_HERE');
  });

  it('objects to a body that another authority was named in', () => {
    const tbs = writeTbsCertificate(server.issuing, person());
    const codes = lint(tbs, { profile: person().profile, issuer: signing.issuing, now }).map(({ code }) => code);
    expect(codes).toEqual(['ISSUER_NAME', 'EXTENSION_VALUE', 'EXTENSION_VALUE', 'EXTENSION_VALUE']);
  });

  it.each<[string, Partial<Profile>, string]>([
    ['signs certificates', { keyUsage: ['digitalSignature', 'keyCertSign'] }, 'EXTENSION_VALUE 2.5.29.15'],
    ['is an authority', { authority: {} }, 'EXTENSION_VALUE 2.5.29.19'],
    ['is for servers', { extendedKeyUsage: ['serverAuth'] }, 'EXTENSION_VALUE 2.5.29.37'],
    ['is for anything', { extendedKeyUsage: [] }, 'EXTENSION_MISSING 2.5.29.37'],
    ['cannot be asked about', { statusPlaces: false }, 'EXTENSION_MISSING 2.5.29.31'],
    ['claims a policy', { policies: ['2.23.140.1.1'] }, 'EXTENSION_NOT_ALLOWED 2.5.29.32'],
  ])('objects to one that %s', (_, change, finding) => {
    const profile = PROFILES['personal-signing'];
    expect(judge(signing, person({ profile: { ...profile, ...change } }), profile)).toContain(finding);
  });

  it('objects to an unknown, a repeated and a wrongly critical extension', () => {
    const parts = children(elementAt(writeTbsCertificate(signing.issuing, person()))).map(({ raw }) => raw);
    const own = children(children(elementAt(parts.at(-1)!))[0]!).map(({ raw }) => raw);
    const judged = (...extensions: Buffer[]): string[] =>
      lint(sequence(...parts.slice(0, -1), explicit(3, sequence(...extensions))), {
        profile: PROFILES['personal-signing'],
        issuer: signing.issuing,
        now,
      }).map(({ code }) => code);
    expect(judged(...own)).toEqual([]);
    expect(judged(...own, extension('1.2.3.4', octetString(Buffer.alloc(1))))).toEqual(['EXTENSION_NOT_ALLOWED']);
    expect(judged(...own, own[0]!)).toEqual(['EXTENSION_REPEATED']);
    expect(judged(...own.slice(1))).toEqual(['EXTENSION_MISSING']);
  });
});

describe('a body that was written otherwise', () => {
  const SERIAL_AT = 1;
  const VALIDITY_AT = 4;
  const SUBJECT_AT = 5;
  const judged = (index: number, part: Buffer): string[] => {
    const parts = children(elementAt(writeTbsCertificate(signing.issuing, person()))).map(({ raw }) => raw);
    parts[index] = part;
    return lint(sequence(...parts), { profile: PROFILES['personal-signing'], issuer: signing.issuing, now }).map(
      ({ code }) => code,
    );
  };
  const organization = (value: Buffer): Buffer => {
    const parts = children(elementAt(encodeName(PERSON))).map(({ raw }) => raw);
    parts[1] = tlv(TAG.set, sequence(objectId('2.5.4.10'), value));
    return sequence(...parts);
  };

  it('with a negative serial is refused', () => {
    expect(judged(SERIAL_AT, tlv(TAG.integer, Buffer.from(SERIAL, 'hex')))).toEqual(['SERIAL']);
  });

  it('with the right dates in the wrong form is refused', () => {
    const { notBefore, notAfter } = termOf(now, 3);
    const dates = sequence(generalizedTime(notBefore), generalizedTime(notAfter));
    expect(judged(VALIDITY_AT, dates)).toEqual(['VALIDITY_FORM']);
  });

  it('with text in another form or in broken UTF-8 is refused', () => {
    expect(judged(SUBJECT_AT, organization(utf8String(COMPANY)))).toEqual([]);
    expect(judged(SUBJECT_AT, organization(printableString('Example')))).toContain('SUBJECT_FORM');
    expect(judged(SUBJECT_AT, organization(tlv(TAG.utf8String, Buffer.from([0x41, 0xff]))))).toEqual(['SUBJECT_FORM']);
  });

  it('with two attributes in one place is refused', () => {
    const [country, company, name] = children(elementAt(encodeName(PERSON)));
    const joined = sequence(country!.raw, tlv(TAG.set, company!.content, name!.content));
    expect(judged(SUBJECT_AT, joined)).toContain('SUBJECT_ATTRIBUTE_NOT_ALLOWED');
  });
});

describe('the validity', () => {
  const during = (validity: Validity, at = now): string[] => judge(signing, person({ validity }), undefined, at);

  it('begins neither in the future nor long ago', () => {
    const validity = termOf(now, 1);
    expect(during(validity, now)).toEqual([]);
    expect(during(validity, later(now, -1))).toEqual(['NOT_BEFORE_IN_FUTURE']);
    expect(during(validity, later(now, 48 * HOUR_MS))).toEqual([]);
    expect(during(validity, later(now, 48 * HOUR_MS + 1))).toEqual(['BACKDATED']);
  });

  it('is one, two or three years to the second', () => {
    for (const years of [1, 2, 3]) expect(during(termOf(now, years))).toEqual([]);
    for (const years of [0, 4]) expect(during(termOf(now, years))).toEqual(['TERM']);
    const { notBefore, notAfter } = termOf(now, 2);
    expect(during({ notBefore, notAfter: later(notAfter, 1000) })).toEqual(['TERM']);
    expect(during({ notBefore, notAfter: later(notAfter, -1000) })).toEqual(['TERM']);
  });

  it('stays inside that of the authority', () => {
    const { notAfter } = signing.issuing;
    const issuer = (change: object): object => ({ ...signing.issuing, ...change });
    const judged = (change: object): string[] =>
      lint(writeTbsCertificate(signing.issuing, person()), {
        profile: PROFILES['personal-signing'],
        issuer: issuer(change) as typeof signing.issuing,
        now,
      }).map(({ code }) => code);
    const ends = termOf(now, 3).notAfter;
    expect(notAfter > ends).toBe(true);
    expect(judged({ notAfter: ends })).toEqual([]);
    expect(judged({ notAfter: later(ends, -1000) })).toEqual(['OUTLIVES_ISSUER']);
    expect(judged({ notBefore: now })).toEqual([]);
    expect(judged({ notBefore: later(now, 1) })).toEqual(['BEFORE_ISSUER']);
  });

  it.each([
    ['2026-03-14T23:59:59Z', 398],
    ['2026-03-15T00:00:00Z', 200],
    ['2027-03-14T23:59:59Z', 200],
    ['2027-03-15T00:00:00Z', 100],
    ['2029-03-14T23:59:59Z', 100],
    ['2029-03-15T00:00:00Z', 47],
  ])('of a server certificate issued at %s is at most %d days', (from, days) => {
    const at = new Date(from);
    const issuer = { ...server.issuing, notBefore: new Date(0), notAfter: new Date('2036-01-01T00:00:00Z') };
    const judged = (validity: Validity): string[] =>
      lint(writeTbsCertificate(issuer, site({ validity })), {
        profile: PROFILES['server-organization'],
        issuer,
        now: at,
      }).map(({ code }) => code);
    const longest = daysFrom(at, days);
    expect(judged(longest)).toEqual([]);
    expect(judged({ ...longest, notAfter: later(longest.notAfter, 1000) })).toEqual(['TERM']);
    expect(judged({ notBefore: at, notAfter: at })).toEqual(['TERM']);
  });
});

describe('host names', () => {
  const judged = (names: string[], profile: 'server-organization' | 'server-extended' = 'server-organization') =>
    judge(server, site({ dnsNames: names }), PROFILES[profile]).filter((finding) => /DNS/.test(finding));

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
    expect(judge(server, site({ dnsNames: [] }))).toEqual([
      'COMMON_NAME_NOT_IN_DNS_NAMES',
      'EXTENSION_MISSING 2.5.29.17',
    ]);
  });
});

it('no single changed byte outside serial, name, key and first date passes unnoticed', () => {
  const tbs = writeTbsCertificate(signing.issuing, person());
  const [, serial, , , validity, subject, spki] = children(elementAt(tbs)).map(({ raw }) => raw);
  const free = [serial!, subject!, spki!, children(elementAt(validity!))[0]!.raw].map((part) => {
    const start = tbs.indexOf(part);
    return [start, start + part.length] as const;
  });
  const isFree = (index: number): boolean => free.some(([start, end]) => index >= start && index < end);
  fc.assert(
    fc.property(fc.nat(tbs.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
      fc.pre(!isFree(index));
      const changed = Buffer.from(tbs);
      changed[index]! ^= flip;
      let noticed: boolean;
      try {
        noticed = lint(changed, { profile: PROFILES['personal-signing'], issuer: signing.issuing, now }).length > 0;
      } catch (error) {
        noticed = error instanceof MalformedDer;
      }
      expect(noticed).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
