import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Hierarchy, openHierarchy } from '../../src/pki/authorities/hierarchies.js';
import { loadBinding } from '../../src/pki/keys/pkcs11/cryptoki.js';
import { localSigner } from '../../src/pki/keys/local-signer.js';
import { newKeyPair } from '../../src/pki/keys/key-kinds.js';
import { toPem } from '../../src/pki/pem.js';
import { describeWhen } from '../kit/describe-when.js';
import { requestFor } from '../kit/ocsp-request.js';
import { GOOD, readAnswer } from '../kit/ocsp.js';
import { hasTool, runTool } from '../kit/outside-tools.js';
import { ownFolder } from '../kit/own-folder.js';
import { memoryRegister, writePem } from '../kit/pki.js';
import { programs } from '../kit/program.js';

// Each test starts programs, and a busy machine takes its time for that.
jest.setTimeout(180_000);

const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
const library = LIBRARIES.find(existsSync) ?? '';
const hasBinding = loadBinding() !== undefined;
const hasSoftHsm = library !== '' && hasTool('softhsm2-util', '--version');

const { run, serve } = programs();
const folder = ownFolder();
let fresh = 0;
const dataDir = () => join(folder, `data-${(fresh += 1)}`);
const written = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};

/** A company that has authorities already: what its people would hand over. */
let given: Hierarchy;
const keys: Record<string, string> = {};
let chain: string;
let orphan: string;

beforeAll(async () => {
  const openOrMake = async (keyId: string) => {
    const { pkcs8 } = await newKeyPair('p-256');
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    keys[keyId] = written(`${keyId}.pem`, key.export({ type: 'pkcs8', format: 'pem' }));
    return localSigner(keyId, key);
  };
  given = await openHierarchy('signing', {
    organization: '見本橋梁建設株式会社',
    publicBase: 'http://pki.example.com',
    keys: { openOrMake },
    register: memoryRegister(),
    now: new Date(),
  });
  const pem = (...authorities: readonly Buffer[]) => authorities.map((der) => toPem('CERTIFICATE', der)).join('');
  const [issuing, root] = [given.issuing.certificate, given.root.certificate];
  chain = written('chain.pem', pem(issuing, root));
  orphan = written('orphan.pem', pem(issuing));
  written('upside-down.pem', pem(root, issuing));
  written('cut.pem', pem(issuing.subarray(0, 200), root));
  const encrypted = createPrivateKey(await readKey('signing-issuing'));
  written('encrypted.pem', encrypted.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }));
});
const readKey = async (keyId: string) => (await runTool('openssl', ['pkey', '-in', keys[keyId]!])).output;

const fetched = async (url: string): Promise<Buffer> => {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
};
const quarter = () => `${new Date().getUTCFullYear()}q${Math.floor(new Date().getUTCMonth() / 3) + 1}`;
const started = async (env: Record<string, string>) => {
  const program = await serve('all-in-one', env);
  const pki = program.url.replace('/api/v1', '/pki');
  const stop = async () => {
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  };
  return { pki, stop };
};
const listVerifies = async (pki: string, issuer: Buffer): Promise<void> => {
  const list = written('list.crl', await fetched(`${pki}/crl/signing-${quarter()}.crl`));
  const authority = writePem(folder, 'list-issuer.pem', 'CERTIFICATE', issuer);
  const verify = ['crl', '-inform', 'DER', '-in', list, '-CAfile', authority, '-noout'];
  expect((await runTool('openssl', verify)).output).toContain('verify OK');
};
/** Ends by itself, with one line that says what is wrong and where. */
const saysAtStart = async (env: Record<string, string>, ...trouble: readonly string[]): Promise<void> => {
  const { code, err } = await run('all-in-one', { DATA_DIR: dataDir(), PORT: '0', LOG_LEVEL: 'silent', ...env }).ended;
  expect(code).toBe(1);
  const lines = err.trim().split('\n');
  for (const [index, text] of trouble.entries()) expect(lines.at(index - trouble.length)).toContain(text);
  expect(err).not.toMatch(/\n {4}at /);
};

describe('an issuing authority that is given (PKI_CHAIN_FILE, PKI_KEY_FILE)', () => {
  it('signs from the first start on, and after a restart', async () => {
    const env = { DATA_DIR: dataDir(), PKI_CHAIN_FILE: chain, PKI_KEY_FILE: keys['signing-issuing']! };
    const first = await started(env);
    expect(await fetched(`${first.pki}/certificates/signing.cer`)).toEqual(given.issuing.certificate);
    await listVerifies(first.pki, given.issuing.certificate);
    // Its root is somebody else's: who it is can be fetched with the chain, its lists cannot.
    expect((await fetch(`${first.pki}/crl/signing-root.crl`)).status).toBe(404);
    const pem = String(await fetched(`${first.pki}/certificates/signing.pem`));
    expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    await first.stop();
    const second = await started(env);
    expect(await fetched(`${second.pki}/certificates/signing.cer`)).toEqual(given.issuing.certificate);
    await second.stop();
  });

  it.each([
    ['the chain has no root', () => ({ PKI_CHAIN_FILE: orphan }), 'PKI_CHAIN_FILE: signing: certificate 0'],
    ['the root stands first', () => ({ PKI_CHAIN_FILE: join(folder, 'upside-down.pem') }), 'PKI_CHAIN_FILE: signing:'],
    ['the chain is no PEM', () => ({ PKI_CHAIN_FILE: keys['signing-root']! }), 'there is no certificate'],
    ['the key is another', () => ({ PKI_KEY_FILE: keys['signing-root']! }), 'does not belong to the certificate'],
    ['the key has a passphrase', () => ({ PKI_KEY_FILE: join(folder, 'encrypted.pem') }), 'without a passphrase'],
    ['the key is no key', () => ({ PKI_KEY_FILE: chain }), 'PKI_KEY_FILE: it must hold one private key as PEM'],
    ['a certificate is cut off', () => ({ PKI_CHAIN_FILE: join(folder, 'cut.pem') }), 'is no certificate'],
    ['there is no such file', () => ({ PKI_CHAIN_FILE: join(folder, 'nowhere') }), 'PKI_CHAIN_FILE must name a file'],
  ])('is refused in one line where %s', async (_, env, trouble) =>
    saysAtStart({ PKI_CHAIN_FILE: chain, PKI_KEY_FILE: keys['signing-issuing']!, ...env() }, trouble),
  );

  it('is refused with the faults of every file at once, beside those of the values', () => {
    const keyring = written('no-keyring', 'hunter2');
    chmodSync(written('open-key.pem', readFileSync(keys['signing-root']!)), 0o644);
    return saysAtStart(
      {
        ...{ PORT: 'abc', KEYRING_FILE: keyring, PKI_CHAIN_FILE: orphan },
        PKI_KEY_FILE: join(folder, 'open-key.pem'),
      },
      'PORT must be a number.',
      'KEYRING_FILE: the key ring from',
      'PKI_KEY_FILE: everybody on this machine may read it: chmod o-rwx',
      'PKI_CHAIN_FILE: signing: certificate 0',
    );
  });

  it('is refused with all that is missing at once', () =>
    saysAtStart(
      { PKI_KEY_FILE: keys['signing-issuing']!, PKI_PKCS11_TOKEN: 'x', PKI_ORGANIZATION: '見'.repeat(65) },
      'PKI_ORGANIZATION must be a name of at most 64 characters',
      'PKI_PKCS11_LIBRARY, PKI_PKCS11_TOKEN, PKI_PKCS11_PIN_FILE belong together',
      'PKI_KEY_FILE and PKI_PKCS11_LIBRARY exclude each other',
      'PKI_KEY_FILE needs PKI_CHAIN_FILE',
    ));
});

describeWhen(!hasBinding, 'a token without the package for it', () => {
  it('is refused in one line that says what to install', () =>
    saysAtStart(
      { PKI_PKCS11_LIBRARY: '/x.so', PKI_PKCS11_TOKEN: 'x', PKI_PKCS11_PIN_FILE: chain },
      'npm install --no-save pkcs11js',
    ));
});

describeWhen(hasSoftHsm && hasBinding, 'authorities whose keys are in a token (PKI_PKCS11_…)', () => {
  const PIN = '12345678';
  let token: Record<string, string>;
  beforeAll(async () => {
    mkdirSync(join(folder, 'tokens'));
    const configuration = written(
      'softhsm2.conf',
      `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`,
    );
    const utility = async (...args: string[]) =>
      expect(await runTool('env', [`SOFTHSM2_CONF=${configuration}`, 'softhsm2-util', ...args])).toMatchObject({
        ok: true,
      });
    for (const label of ['authorities', 'empty'])
      await utility('--init-token', '--free', '--label', label, '--so-pin', '87654321', '--pin', PIN);
    for (const [index, keyId] of ['signing-root', 'signing-issuing'].entries()) {
      const place = ['--token', 'authorities', '--label', keyId, '--id', `0${index + 1}`, '--pin', PIN];
      await utility('--import', keys[keyId]!, ...place);
    }
    token = {
      SOFTHSM2_CONF: configuration,
      PKI_PKCS11_LIBRARY: library,
      PKI_PKCS11_TOKEN: 'authorities',
      PKI_PKCS11_PIN_FILE: written('pin', `${PIN}\n`),
    };
  });
  const spkiOf = (certificate: Buffer) =>
    new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });

  it('are made at the first start under those keys, answer, and are the same after a restart', async () => {
    const env = { ...token, DATA_DIR: dataDir() };
    const first = await started(env);
    const [issuing, root] = [
      await fetched(`${first.pki}/certificates/signing.cer`),
      await fetched(`${first.pki}/certificates/signing-root.cer`),
    ];
    expect(spkiOf(root)).toEqual(given.root.signer.spki);
    expect(spkiOf(issuing)).toEqual(given.issuing.signer.spki);
    await listVerifies(first.pki, issuing);
    const question = requestFor(root, issuing).toString('base64');
    const answer = await fetched(`${first.pki}/ocsp/signing-root/${encodeURIComponent(question)}`);
    expect(readAnswer(answer).tag).toBe(GOOD);
    await first.stop();
    const second = await started(env);
    expect(await fetched(`${second.pki}/certificates/signing.cer`)).toEqual(issuing);
    await second.stop();
  });

  it('sign under a chain that is given', async () => {
    const { pki, stop } = await started({ ...token, DATA_DIR: dataDir(), PKI_CHAIN_FILE: chain });
    expect(await fetched(`${pki}/certificates/signing.cer`)).toEqual(given.issuing.certificate);
    await listVerifies(pki, given.issuing.certificate);
    await stop();
  });

  it.each([
    ['the token is another', { PKI_PKCS11_TOKEN: 'nobody' }, 'PKI_PKCS11_TOKEN: no token is labelled nobody'],
    [
      'the key is not there',
      { PKI_PKCS11_TOKEN: 'empty' },
      'PKI_PKCS11_TOKEN: the token has no key labelled signing-root',
    ],
    ['the PIN is wrong', { PKI_PKCS11_PIN_FILE: 'wrong' }, 'PKI_PKCS11_PIN_FILE: the token refused the PIN'],
    ['the library is none', { PKI_PKCS11_LIBRARY: '/nowhere.so' }, 'PKI_PKCS11_LIBRARY: this is no PKCS#11 library'],
  ])('are refused in one line where %s', async (_, env: Record<string, string>, trouble) => {
    const pin = env['PKI_PKCS11_PIN_FILE'] ? { PKI_PKCS11_PIN_FILE: written('wrong', '00000000') } : {};
    await saysAtStart({ ...token, ...env, ...pin }, trouble);
  });
});
