import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { longestBlockOf } from '../../../test/kit/longest-block.js';
import { hasTool, runTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { COMPANY, memoryRegister, newHierarchy } from '../../../test/kit/pki.js';
import type { Hierarchy } from '../authorities/hierarchies.js';
import { issue, type IssueOrder } from '../certificates/issue.js';
import { newKeyPair, type KeyKind } from '../keys/key-kinds.js';
import { Pin } from '../pins/pin.js';
import { termOf } from '../profiles/term.js';
import type { PfxForm } from './forms.js';
import { derive, PURPOSE } from './key-derivation.js';
import { PfxMaker } from './pfx-maker.js';
import { work } from './worker.js';

const folder = ownFolder();
const now = new Date();
const PIN = 'Abcd1234Efgh';
const OTHER_PIN = 'Abcd1234Efgi';
const FRIENDLY_NAME = '見本太郎 BN-Mihon.Taro';
const FORMS: readonly PfxForm[] = ['modern', 'compatible'];

const FROM_SOURCES = {
  entry: new URL('./worker.ts', import.meta.url),
  execArgv: ['--import', new URL('../../../test/kit/from-sources.mjs', import.meta.url).href],
};
const maker = new PfxMaker(FROM_SOURCES);
afterAll(() => maker.close());

let signing: Hierarchy;
const holders: Partial<Record<KeyKind, { pkcs8: Buffer; certificate: Buffer }>> = {};
const files: Record<string, string> = {};

const holder = (kind: KeyKind): { pkcs8: Buffer; certificate: Buffer } => holders[kind]!;
const chainOf = (kind: KeyKind): Buffer[] => [holder(kind).certificate, ...signing.issuing.chain];

const make = (form: PfxForm, kind: KeyKind): Promise<Buffer> =>
  maker.make(
    { form, privateKey: holder(kind).pkcs8, certificates: chainOf(kind), friendlyName: FRIENDLY_NAME },
    Pin.parse(PIN)!,
  );

beforeAll(async () => {
  signing = await newHierarchy('signing', folder, now);
  for (const kind of ['rsa-2048', 'p-256'] as const) {
    const { pkcs8, spki } = await newKeyPair(kind);
    const order: IssueOrder = {
      issuanceId: kind,
      profile: 'personal-signing',
      subject: [
        ['country', 'JP'],
        ['organization', COMPANY],
        ['commonName', 'BN-Mihon.Taro'],
      ],
      spki,
      validity: termOf(now, 1),
    };
    holders[kind] = { pkcs8, certificate: await issue(signing.issuing, order, memoryRegister(), now) };
    for (const form of FORMS) {
      files[`${form}-${kind}`] = join(folder, `${form}-${kind}.pfx`);
      writeFileSync(files[`${form}-${kind}`]!, await make(form, kind));
    }
  }
});

const FILES = FORMS.flatMap((form) => (['rsa-2048', 'p-256'] as const).map((kind) => [form, kind] as const));
/** OpenSSL keeps the algorithms of the compatible form in a module of its own. */
const legacy = (form: PfxForm): string[] => (form === 'compatible' ? ['-legacy'] : []);

describeWhen(hasTool('openssl', 'version'), 'openssl and .pfx files', () => {
  it.each(FILES)('opens the %s form with %s: key and chain', async (form, kind) => {
    const args = ['pkcs12', '-in', files[`${form}-${kind}`]!, '-passin', `pass:${PIN}`, ...legacy(form)];
    const { ok, output } = await runTool('openssl', [...args, '-nodes', '-info']);
    expect(ok).toBe(true);
    // This tool prints one byte of each character; the Japanese part is judged by the others.
    expect(output).toMatch(/friendlyName: .* BN-Mihon\.Taro/);
    expect(output.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    const pem = /-----BEGIN PRIVATE KEY-----[^]+-----END PRIVATE KEY-----/.exec(output)?.[0] ?? '';
    expect(new X509Certificate(holder(kind).certificate).checkPrivateKey(createPrivateKey(pem))).toBe(true);
    expect(output).toMatch(form === 'modern' ? /MAC: sha256, Iteration 300000/ : /MAC: sha1, Iteration 2048/);
    expect(output).toMatch(
      form === 'modern'
        ? /PBES2, PBKDF2, AES-256-CBC, Iteration 300000, PRF hmacWithSHA256/
        : /pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048/,
    );
  });

  it.each(FORMS)('refuses the %s form under another PIN', async (form) => {
    const args = ['-in', files[`${form}-p-256`]!, '-passin', `pass:${OTHER_PIN}`, ...legacy(form), '-noout'];
    const { ok, output } = await runTool('openssl', ['pkcs12', ...args]);
    expect(ok).toBe(false);
    expect(output).toContain('invalid password');
  });
});

describeWhen(hasTool('keytool'), 'Java keytool and .pfx files', () => {
  const list = (form: PfxForm, kind: KeyKind, pin: string) =>
    runTool('keytool', [
      ...['-J-Dstdout.encoding=UTF-8', '-J-Dfile.encoding=UTF-8', '-J-Duser.language=en', '-list', '-v'],
      ...['-storetype', 'PKCS12', '-keystore', files[`${form}-${kind}`]!, '-storepass', pin],
    ]);

  it.each(FILES)('opens the %s form with %s', async (form, kind) => {
    const { ok, output } = await list(form, kind, PIN);
    expect(ok).toBe(true);
    expect(output).toContain('Entry type: PrivateKeyEntry');
    expect(output).toContain('Certificate chain length: 3');
    expect(output).toContain(FRIENDLY_NAME.toLowerCase());
    expect(output).toContain(COMPANY);
  });

  it.each(FORMS)('refuses the %s form under another PIN', async (form) => {
    expect((await list(form, 'p-256', OTHER_PIN)).ok).toBe(false);
  });
});

describeWhen(hasTool('certtool', '--version'), 'GnuTLS certtool and .pfx files', () => {
  it.each(FILES)('opens the %s form with %s', async (form, kind) => {
    const open = (pin: string) =>
      runTool('certtool', ['--p12-info', '--inder', '--infile', files[`${form}-${kind}`]!, '--password', pin]);
    const { ok, output } = await open(PIN);
    expect(ok).toBe(true);
    expect(output).toContain(`Friendly name: ${FRIENDLY_NAME}`);
    const key = /-----BEGIN ENCRYPTED PRIVATE KEY-----[^]+-----END ENCRYPTED PRIVATE KEY-----/.exec(output)?.[0];
    const opened = await runTool('certtool', ['--key-info', '--pkcs8', '--password', PIN], key);
    expect(opened.output).toMatch(/Public Key Algorithm|Key Security Level/);
    expect((await open(OTHER_PIN)).ok).toBe(false);
  });
});

describeWhen(hasTool('pk12util', '-H') && hasTool('certutil', '-H'), 'NSS pk12util and .pfx files', () => {
  it.each(FILES)('imports the %s form with %s', async (form, kind) => {
    const store = `sql:${ownFolder()}`;
    await runTool('certutil', ['-N', '-d', store, '--empty-password']);
    const load = (pin: string) => runTool('pk12util', ['-i', files[`${form}-${kind}`]!, '-d', store, '-W', pin]);
    expect((await load(OTHER_PIN)).ok).toBe(false);
    expect(await load(PIN)).toMatchObject({ ok: true });
    expect((await runTool('certutil', ['-K', '-d', store])).output).toMatch(/< 0> (rsa|ec) /);
  });
});

describe('node-forge, the second opinion', () => {
  it('opens the compatible form with RSA', async () => {
    const asn1 = forge.asn1.fromDer((await make('compatible', 'rsa-2048')).toString('binary'));
    expect(() => forge.pkcs12.pkcs12FromAsn1(asn1, false, OTHER_PIN)).toThrow('MAC could not be verified');
    const opened = forge.pkcs12.pkcs12FromAsn1(asn1, false, PIN);
    const bags = opened.getBags({ bagType: forge.pki.oids['pkcs8ShroudedKeyBag']! });
    const [bag] = bags[forge.pki.oids['pkcs8ShroudedKeyBag']!] ?? [];
    const pem = forge.pki.privateKeyToPem(bag!.key!);
    const certificate = new X509Certificate(holder('rsa-2048').certificate);
    expect(certificate.checkPrivateKey(createPrivateKey(pem))).toBe(true);
  });

  it.each([1, 2, 7])('derives the same keys in %d rounds, also of more than one block', (rounds) => {
    const salt = Buffer.from('0102030405060708', 'hex');
    const bmp = Buffer.from(`${PIN}\0`, 'utf16le').swap16();
    for (const [purpose, bytes] of [
      [PURPOSE.encryptionKey, 24],
      [PURPOSE.initialVector, 8],
      [PURPOSE.macKey, 61],
    ] as const) {
      const theirs = forge.pkcs12.generateKey(
        PIN,
        forge.util.createBuffer(salt.toString('binary')),
        purpose,
        rounds,
        bytes,
      );
      expect(derive('sha1', purpose, bmp, salt, rounds, bytes).toString('hex')).toBe(theirs.toHex());
    }
  });
});

describe('the maker of .pfx files', () => {
  it('leaves the key to its owner and the event loop free', async () => {
    const before = Buffer.from(holder('rsa-2048').pkcs8);
    const block = await longestBlockOf(() =>
      Promise.all([make('modern', 'rsa-2048'), make('modern', 'p-256'), make('compatible', 'p-256')]),
    );
    expect(holder('rsa-2048').pkcs8.equals(before)).toBe(true);
    // Of our own work: what else runs on the machine is not ours to promise.
    expect(block.ownMs).toBeLessThan(50);
  });

  it('zeroes the key and the PIN that it was given, whether it could make the file or not', () => {
    for (const certificates of [chainOf('p-256'), [null as unknown as Buffer]]) {
      const privateKey = new Uint8Array(holder('p-256').pkcs8);
      const pin = new Uint8Array(Buffer.from(PIN));
      const result = work({ number: 1, form: 'compatible', friendlyName: 'x', certificates, privateKey, pin });
      expect('pfx' in result).toBe(certificates.length > 1);
      for (const secret of [privateKey, pin]) expect(secret.every((byte) => byte === 0)).toBe(true);
    }
  });

  it('never makes the same file twice', async () => {
    expect((await make('compatible', 'p-256')).equals(await make('compatible', 'p-256'))).toBe(false);
  });

  it('says that it failed without saying what it was given, and works on', async () => {
    const broken = { form: 'modern', privateKey: Buffer.alloc(1), certificates: [], friendlyName: undefined } as const;
    const failure: unknown = await maker
      .make(broken as unknown as Parameters<PfxMaker['make']>[0], Pin.parse(PIN)!)
      .catch((error: unknown) => error);
    expect(String(failure)).toBe('Error: the .pfx file could not be made (TypeError)');
    expect((await make('compatible', 'p-256')).length).toBeGreaterThan(1000);
  });

  it('fails what is waiting when it is closed', async () => {
    const closed = new PfxMaker(FROM_SOURCES);
    const pending = closed.make(
      { form: 'modern', privateKey: holder('p-256').pkcs8, certificates: chainOf('p-256'), friendlyName: 'x' },
      Pin.parse(PIN)!,
    );
    await Promise.all([expect(pending).rejects.toThrow('closed'), closed.close()]);
  });
});
