import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { hasTool, runTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { COMPANY, writePem } from '../../../test/kit/pki.js';
import { KEY_KINDS, newKeyPair, type KeyKind } from '../keys/key-kinds.js';
import { localSigner } from '../keys/local-signer.js';
import type { DistinguishedName } from '../names.js';
import { fromPem } from '../pem.js';
import { readRequest, RequestRefused, writeRequest } from './request.js';

const folder = ownFolder();
const subject: DistinguishedName = [
  ['country', 'JP'],
  ['organization', COMPANY],
  ['commonName', 'BN-Mihon.Taro'],
];

const ownRequest = async (kind: KeyKind): Promise<Buffer> => {
  const { pkcs8 } = await newKeyPair(kind);
  return writeRequest(localSigner('k', createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })), subject);
};

const problemOf = (der: Buffer): string => {
  try {
    readRequest(der);
  } catch (error) {
    if (error instanceof RequestRefused) return error.problem;
    throw error;
  }
  return 'none';
};

describe('a signing request of our own', () => {
  // RSA-4096 takes seconds to make and differs in nothing but its length.
  it.each(KEY_KINDS.filter((kind) => kind !== 'rsa-4096'))('with %s proves its key', async (kind) => {
    expect(readRequest(await ownRequest(kind))).toMatchObject({ keyKind: kind, commonName: 'BN-Mihon.Taro' });
  });

  it('is refused when it was changed, cut or is something else', async () => {
    const request = await ownRequest('p-256');
    const renamed = Buffer.from(request);
    renamed[renamed.indexOf('Mihon')]! ^= 1;
    expect(problemOf(renamed)).toBe('SIGNATURE');
    expect(problemOf(request.subarray(0, -1))).toBe('NOT_A_REQUEST');
    expect(problemOf(Buffer.from('abc'))).toBe('NOT_A_REQUEST');
    expect(problemOf(Buffer.concat([request, Buffer.alloc(1)]))).toBe('NOT_A_REQUEST');
    expect(problemOf(Buffer.alloc(70_000, 0x30))).toBe('NOT_A_REQUEST');
  });

  it('is refused with a key that is too weak', async () => {
    for (const key of [
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
    ]) {
      expect(problemOf(await writeRequest(localSigner('weak', key), subject))).toBe('KEY');
    }
  });
});

describeWhen(hasTool('openssl', 'version'), 'openssl and signing requests', () => {
  it.each(['rsa-2048', 'p-256'] as const)('verifies ours with %s, Japanese names included', async (kind) => {
    const path = writePem(folder, `${kind}.csr`, 'CERTIFICATE REQUEST', await ownRequest(kind));
    const verdict = await runTool('openssl', [
      ...['req', '-in', path, '-noout', '-verify', '-subject', '-nameopt', 'utf8,sep_comma_plus'],
    ]);
    expect(verdict.ok).toBe(true);
    expect(verdict.output).toMatch(/verif(y|ication).*OK/i);
    expect(verdict.output).toContain(`O=${COMPANY}`);
  });

  it.each([
    ['rsa-2048', ['-newkey', 'rsa:2048']],
    ['p-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-sha384']],
  ])('makes some that we read (%s)', async (keyKind, key) => {
    const { output } = await runTool('openssl', [
      ...['req', '-new', ...key, '-nodes', '-keyout', '/dev/null', '-subj', '/C=JP/CN=www.example.com'],
      ...['-addext', 'subjectAltName=DNS:www.example.com,DNS:example.com,IP:192.0.2.1'],
    ]);
    const [der] = fromPem('CERTIFICATE REQUEST', output);
    const read = readRequest(der!);
    expect(read).toMatchObject({
      keyKind,
      commonName: 'www.example.com',
      dnsNames: ['www.example.com', 'example.com'],
    });
  });

  it('makes some that are signed too weakly', async () => {
    const { output } = await runTool('openssl', [
      ...['req', '-new', '-newkey', 'rsa:2048', '-sha1', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=x'],
    ]);
    expect(problemOf(fromPem('CERTIFICATE REQUEST', output)[0]!)).toBe('ALGORITHM');
  });
});
