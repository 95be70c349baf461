import type { Hierarchy } from '../../src/pki/authorities/hierarchies.js';
import { writeTbsCertificate, type CertificateContent } from '../../src/pki/certificates/tbs-certificate.js';
import { newKeyPair } from '../../src/pki/keys/key-kinds.js';
import { lint } from '../../src/pki/lint/lint.js';
import type { DistinguishedName } from '../../src/pki/names.js';
import { PROFILES } from '../../src/pki/profiles/catalogue.js';
import { daysFrom, termOf } from '../../src/pki/profiles/term.js';
import { COMPANY, newHierarchy } from './pki.js';

export const SERIAL = '80112233445566778899aabbccddeeff';
export const PERSON: DistinguishedName = [
  ['country', 'JP'],
  ['organization', COMPANY],
  ['commonName', 'BN-Mihon.Taro'],
];
export const SITE: DistinguishedName = [
  ['country', 'JP'],
  ['stateOrProvince', '東京都'],
  ['organization', COMPANY],
  ['commonName', 'www.example.com'],
];

/** Two authorities, two keys, and bodies that are right until a test changes them. */
export class LintDesk {
  readonly signing: Hierarchy;
  readonly server: Hierarchy;
  readonly now: Date;
  readonly #rsa: Buffer;
  readonly #ec: Buffer;

  private constructor(signing: Hierarchy, server: Hierarchy, rsa: Buffer, ec: Buffer, now: Date) {
    this.signing = signing;
    this.server = server;
    this.#rsa = rsa;
    this.#ec = ec;
    this.now = now;
  }

  static async open(folder: string, now: Date): Promise<LintDesk> {
    const [rsa, ec] = [await newKeyPair('rsa-3072'), await newKeyPair('p-256')];
    const signing = await newHierarchy('signing', folder, now);
    return new LintDesk(signing, await newHierarchy('server', folder, now), rsa.spki, ec.spki, now);
  }

  person(change: Partial<CertificateContent> = {}): CertificateContent {
    return {
      profile: PROFILES['personal-signing'],
      serial: SERIAL,
      subject: PERSON,
      spki: this.#rsa,
      validity: termOf(this.now, 3),
      ...change,
    };
  }

  site(change: Partial<CertificateContent> = {}): CertificateContent {
    return {
      profile: PROFILES['server-organization'],
      serial: SERIAL,
      subject: SITE,
      spki: this.#ec,
      validity: daysFrom(this.now, 90),
      dnsNames: ['www.example.com'],
      ...change,
    };
  }

  /** Written under one profile, judged by another: what a mistake in the writer or in the data would give. */
  judge(hierarchy: Hierarchy, content: CertificateContent, profile = content.profile, at = this.now): string[] {
    const tbs = writeTbsCertificate(hierarchy.issuing, content);
    return lint(tbs, { profile, issuer: hierarchy.issuing, now: at }).map(({ code, part }) =>
      part === undefined ? code : `${code} ${part}`,
    );
  }
}
