import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen } from '../../../../test/kit/describe-when.js';
import { hasTool, runTool } from '../../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../../test/kit/own-folder.js';
import { setRealEnvironment } from '../../../../test/kit/real-environment.js';
import { memoryRegister, newHierarchy } from '../../../../test/kit/pki.js';
import { openAuthority } from '../../authorities/open-authority.js';
import { issue, type IssueOrder } from '../../certificates/issue.js';
import { daysFrom } from '../../profiles/term.js';
import { ecdsaSignatureFromRaw } from '../ecdsa-signature.js';
import { newKeyPair } from '../key-kinds.js';
import { verifies } from '../signature-algorithm.js';
import { loadBinding } from './cryptoki.js';
import { pkcs11Signer } from './pkcs11-signer.js';
import { Pkcs11Token } from './token.js';

const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
const library = LIBRARIES.find(existsSync);
const hasSoftHsm = library !== undefined && hasTool('softhsm2-util', '--version') && loadBinding() !== undefined;

const KINDS = ['rsa-2048', 'rsa-3072', 'p-256', 'p-384'] as const;
const USER_PIN = '12345678';
const folder = ownFolder();

describeWhen(hasSoftHsm, 'keys in a PKCS#11 token', () => {
  const spkis = new Map<string, Buffer>();
  let token: Pkcs11Token | undefined;

  beforeAll(async () => {
    mkdirSync(join(folder, 'tokens'));
    const configuration = join(folder, 'softhsm2.conf');
    writeFileSync(configuration, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
    await setRealEnvironment('SOFTHSM2_CONF', configuration);
    const utility = (...args: string[]) => runTool('env', [`SOFTHSM2_CONF=${configuration}`, 'softhsm2-util', ...args]);
    const pins = ['--so-pin', '87654321', '--pin', USER_PIN];
    expect(await utility('--init-token', '--free', '--label', 'authorities', ...pins)).toMatchObject({ ok: true });
    for (const [index, kind] of KINDS.entries()) {
      const { spki, pkcs8 } = await newKeyPair(kind);
      spkis.set(kind, spki);
      const path = join(folder, `${kind}.pem`);
      const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
      writeFileSync(path, key.export({ format: 'pem', type: 'pkcs8' }));
      const place = ['--token', 'authorities', '--label', kind, '--id', `0${index + 1}`, '--pin', USER_PIN];
      expect(await utility('--import', path, ...place)).toMatchObject({ ok: true });
    }
    token = Pkcs11Token.open({ library: library!, tokenLabel: 'authorities', userPin: USER_PIN, sessions: 3 });
  });
  afterAll(() => token?.close());

  it.each(KINDS)('sign with %s as a certificate needs it', async (kind) => {
    const signer = await pkcs11Signer(token!, kind);
    const data = Buffer.from('to be signed');
    expect(signer.spki.equals(spkis.get(kind)!)).toBe(true);
    expect(verifies(signer.alg, signer.spki, data, await signer.sign(data))).toBe(true);
  });

  it('sign more at once than there are sessions', async () => {
    const signer = await pkcs11Signer(token!, 'p-256');
    const { cryptoki } = token!;
    let opened = 0;
    const openSession = cryptoki.C_OpenSession.bind(cryptoki);
    cryptoki.C_OpenSession = (...args) => {
      opened += 1;
      return openSession(...args);
    };
    const texts = Array.from({ length: 50 }, (_, index) => Buffer.from(`text ${index}`));
    const signatures = await Promise.all(texts.map((text) => signer.sign(text)));
    signatures.forEach((signature, index) =>
      expect(verifies(signer.alg, signer.spki, texts[index]!, signature)).toBe(true),
    );
    expect(opened).toBeLessThanOrEqual(3);
  });

  it('make an authority that issues', async () => {
    const now = new Date();
    const { root } = await newHierarchy('signing', folder, now);
    const signer = await pkcs11Signer(token!, 'rsa-3072');
    const order: IssueOrder = {
      issuanceId: 'in-the-token',
      profile: 'signing-authority',
      subject: [
        ['country', 'JP'],
        ['organization', '株式会社例示認証'],
        ['commonName', 'Signing CA 2'],
      ],
      spki: signer.spki,
      validity: daysFrom(now, 100),
    };
    const certificate = await issue(root, order, memoryRegister(), now);
    const role = { ...root, id: 'token', issues: ['ocsp-responder'] } as const;
    const authority = openAuthority(role, [certificate, root.certificate], signer, now);
    const responder = await issue(
      authority,
      {
        ...order,
        issuanceId: 'responder',
        profile: 'ocsp-responder',
        spki: spkis.get('p-256')!,
        validity: daysFrom(now, 7),
      },
      memoryRegister(),
      now,
    );
    expect(new X509Certificate(responder).verify(new X509Certificate(certificate).publicKey)).toBe(true);
  });

  it('are missed by name, and the pool goes on', async () => {
    await expect(pkcs11Signer(token!, 'nobody')).rejects.toThrow('no key labelled nobody');
    await expect(token!.withSession(() => Promise.reject(new Error('the token hiccuped')))).rejects.toThrow('hiccuped');
    expect((await pkcs11Signer(token!, 'p-256')).alg).toBe('ECDSA-SHA256');
  });

  it('are not reached in an unknown token', () => {
    const open = () => Pkcs11Token.open({ library: library!, tokenLabel: 'nobody', userPin: USER_PIN });
    expect(open).toThrow('no token is labelled nobody');
  });
});

describe('an EC signature of a token', () => {
  it('becomes two positive integers', () => {
    const raw = Buffer.concat([Buffer.alloc(31), Buffer.from([0x80]), Buffer.alloc(31), Buffer.from([0x7f])]);
    expect(ecdsaSignatureFromRaw(raw).toString('hex')).toBe('3007' + '02020080' + '02017f');
    expect(() => ecdsaSignatureFromRaw(Buffer.alloc(63))).toThrow(RangeError);
  });
});
