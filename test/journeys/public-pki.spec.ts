import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen } from '../kit/describe-when.js';
import { hasTool, runTool } from '../kit/outside-tools.js';
import { ownFolder } from '../kit/own-folder.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let url: string;
const folder = ownFolder();
const fetched = async (path: string, init?: RequestInit) => {
  const answer = await fetch(`${url}${path}`, init);
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
};
const saved = async (path: string): Promise<string> => {
  const file = join(folder, path.replaceAll('/', '_'));
  writeFileSync(file, (await fetched(path)).body);
  return file;
};
const quarter = () => {
  const now = running.clock.now();
  return `${now.getUTCFullYear()}q${Math.floor(now.getUTCMonth() / 3) + 1}`;
};

beforeAll(async () => {
  running = await startForTests();
  await running.service.app.listen(0, '127.0.0.1');
  url = `${await running.service.app.getUrl()}/pki`;
}, 120_000);
afterAll(() => running.stop());

describe('what verifiers fetch without an account', () => {
  it('the authorities are the same after a restart', async () => {
    const before = (await fetched('/certificates/signing.cer')).body;
    const root = (await fetched('/certificates/signing-root.cer')).body;
    await running.restart();
    await running.service.app.listen(0, '127.0.0.1');
    url = `${await running.service.app.getUrl()}/pki`;
    expect((await fetched('/certificates/signing.cer')).body).toEqual(before);
    expect((await fetched('/certificates/signing-root.cer')).body).toEqual(root);
  });

  it.each([
    ['/certificates/signing.cer', 'application/pkix-cert'],
    ['/certificates/signing-root.pem', 'application/x-pem-file'],
    ['/crl/signing-root.crl', 'application/pkix-crl'],
  ])('%s comes as %s, cacheable and never guessed at', async (path, type) => {
    const { status, headers } = await fetched(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('cache-control')).toMatch(/^max-age=\d+, public/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('set-cookie')).toBeNull();
  });

  it('a list that the asker already has is not sent again', async () => {
    const { headers } = await fetched('/crl/signing-root.crl');
    const again = await fetched('/crl/signing-root.crl', { headers: { 'if-none-match': headers.get('etag')! } });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
  });

  it.each([
    '/crl/nobody.crl',
    '/crl/signing-1999q1.crl',
    '/crl/signing.txt',
    '/crl/signing-root-2026q1.crl',
    '/certificates/nobody.cer',
    '/certificates/signing.key',
    '/ocsp/nobody',
    '/elsewhere',
  ])('%s is not there', async (path) => expect((await fetched(path)).status).toBe(404));

  it.each([
    [415, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }],
    [413, { method: 'POST', body: 'x'.repeat(5_000), headers: { 'content-type': 'application/ocsp-request' } }],
  ])('a status question of a wrong form gets %d', async (status, init) => {
    expect((await fetched('/ocsp/signing', init)).status).toBe(status);
  });
});

describeWhen(hasTool('openssl', 'version'), 'openssl, which knows nothing of this service', () => {
  it('reads both lists and finds them signed by their authorities', async () => {
    for (const [list, authority] of [
      ['signing-root', 'signing-root'],
      [`signing-${quarter()}`, 'signing'],
    ]) {
      const file = await saved(`/crl/${list}.crl`);
      const issuer = await saved(`/certificates/${authority}.pem`);
      const { output } = await runTool('openssl', ['crl', '-inform', 'DER', '-in', file, '-CAfile', issuer, '-noout']);
      expect(output).toContain('verify OK');
    }
  });

  it('asks for the state of the issuing authority, by POST with and without a nonce', async () => {
    const root = await saved('/certificates/signing-root.pem');
    const issuing = await saved('/certificates/signing.pem');
    for (const nonce of ['-nonce', '-no_nonce']) {
      const about = ['ocsp', '-issuer', root, '-cert', issuing, '-url', `${url}/ocsp/signing-root`, nonce];
      const { output } = await runTool('openssl', [...about, '-CAfile', root]);
      expect(output).toContain('Response verify OK');
      expect(output).toMatch(/signing\.pem: good/);
    }
  });

  it('gets the same answer again by GET until it is due, whatever stands in the address', async () => {
    const root = await saved('/certificates/signing-root.pem');
    const issuing = await saved('/certificates/signing.pem');
    const request = join(folder, 'request.der');
    await runTool('openssl', ['ocsp', '-issuer', root, '-cert', issuing, '-no_nonce', '-reqout', request]);
    const base64 = (await runTool('openssl', ['base64', '-A', '-in', request])).output;
    const first = await fetched(`/ocsp/signing-root/${encodeURIComponent(base64)}`);
    const second = await fetched(`/ocsp/signing-root/${base64}`);
    expect(first.headers.get('content-type')).toBe('application/ocsp-response');
    expect(first.headers.get('cache-control')).toMatch(/^max-age=3[56]\d\d, public/);
    expect(second.body).toEqual(first.body);
    const etag = first.headers.get('etag')!;
    const unchanged = await fetched(`/ocsp/signing-root/${base64}`, { headers: { 'if-none-match': etag } });
    expect(unchanged.status).toBe(304);
  });
});
