import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { LintDesk, PERSON, SERIAL } from '../../../test/kit/lint.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { COMPANY } from '../../../test/kit/pki.js';
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
import { encodeName } from '../names.js';
import { PROFILES } from '../profiles/catalogue.js';
import type { Profile } from '../profiles/profile.js';
import { termOf } from '../profiles/term.js';
import { lint } from './lint.js';

const now = new Date('2026-07-08T01:00:00.000Z');
let desk: LintDesk;
beforeAll(async () => {
  desk = await LintDesk.open(ownFolder(), now);
});
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const HOUR_MS = 3_600_000;

describe('the lint', () => {
  it('finds nothing wrong with what its profiles describe', () => {
    expect(desk.judge(desk.signing, desk.person())).toEqual([]);
    expect(
      desk.judge(desk.signing, desk.person({ subject: [...PERSON, ['surname', '見本'], ['givenName', '太郎']] })),
    ).toEqual([]);
    expect(desk.judge(desk.server, desk.site({ dnsNames: ['*.example.com', 'www.example.com'] }))).toEqual([]);
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
  ])('objects to %s', (_, change, findings) =>
    expect(desk.judge(desk.signing, desk.person(change()))).toEqual(findings),
  );

  it('objects to keys that are too weak, or too weak for so long', async () => {
    const rsa2048 = (await newKeyPair('rsa-2048')).spki;
    expect(desk.judge(desk.signing, desk.person({ spki: rsa2048 }))).toEqual([]);
    const at = new Date('2027-12-31T15:00:00Z');
    const ends2030 = desk.person({ spki: rsa2048, validity: termOf(later(at, -1000), 3) });
    expect(desk.judge(desk.signing, ends2030, undefined, at)).toEqual([]);
    const ends2031 = desk.person({ spki: rsa2048, validity: termOf(later(at, 24 * HOUR_MS), 3) });
    expect(desk.judge(desk.signing, ends2031, undefined, later(at, 24 * HOUR_MS))).toEqual(['KEY_TOO_WEAK_FOR_TERM']);
    const others = [
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
      generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
      generateKeyPairSync('ed25519'),
    ];
    for (const { publicKey } of others) {
      const spki = publicKey.export({ type: 'spki', format: 'der' });
      expect(desk.judge(desk.signing, desk.person({ spki }))).toEqual(['KEY_KIND']);
    }
  });

  it('objects to a profile that this authority does not issue', () => {
    expect(desk.judge(desk.signing, desk.site())).toContain('PROFILE_NOT_ISSUED_HERE');
    expect(desk.judge(desk.server, desk.person())).toContain('PROFILE_NOT_ISSUED_HERE');
  });

  it('objects to a body that another authority was named in', () => {
    const tbs = writeTbsCertificate(desk.server.issuing, desk.person());
    const codes = lint(tbs, { profile: desk.person().profile, issuer: desk.signing.issuing, now }).map(
      ({ code }) => code,
    );
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
    expect(desk.judge(desk.signing, desk.person({ profile: { ...profile, ...change } }), profile)).toContain(finding);
  });

  it('objects to an unknown, a repeated and a wrongly critical extension', () => {
    const parts = children(elementAt(writeTbsCertificate(desk.signing.issuing, desk.person()))).map(({ raw }) => raw);
    const own = children(children(elementAt(parts.at(-1)!))[0]!).map(({ raw }) => raw);
    const judged = (...extensions: Buffer[]): string[] =>
      lint(sequence(...parts.slice(0, -1), explicit(3, sequence(...extensions))), {
        profile: PROFILES['personal-signing'],
        issuer: desk.signing.issuing,
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
    const parts = children(elementAt(writeTbsCertificate(desk.signing.issuing, desk.person()))).map(({ raw }) => raw);
    parts[index] = part;
    return lint(sequence(...parts), { profile: PROFILES['personal-signing'], issuer: desk.signing.issuing, now }).map(
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

it('no single changed byte outside serial, name, key, first date and term passes unnoticed', () => {
  const tbs = writeTbsCertificate(desk.signing.issuing, desk.person());
  const [, serial, , , validity, subject, spki] = children(elementAt(tbs)).map(({ raw }) => raw);
  const free = [serial!, subject!, spki!, children(elementAt(validity!))[0]!.raw].map((part) => {
    const start = tbs.indexOf(part);
    return [start, start + part.length] as const;
  });
  // Another year of the last date may be another term that the profile offers: its digits are tag, length, two of year.
  const lastDate = tbs.indexOf(children(elementAt(validity!))[1]!.raw);
  free.push([lastDate + 3, lastDate + 4]);
  const isFree = (index: number): boolean => free.some(([start, end]) => index >= start && index < end);
  fc.assert(
    fc.property(fc.nat(tbs.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
      fc.pre(!isFree(index));
      const changed = Buffer.from(tbs);
      changed[index]! ^= flip;
      let noticed: boolean;
      try {
        noticed =
          lint(changed, { profile: PROFILES['personal-signing'], issuer: desk.signing.issuing, now }).length > 0;
      } catch (error) {
        noticed = error instanceof MalformedDer;
      }
      expect(noticed).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
