import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { startOcspServer } from '../../../test/kit/ocsp-server.js';
import { OcspDesk } from '../../../test/kit/ocsp.js';
import { hasTool, runTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';

let desk: OcspDesk;
let server: Awaited<ReturnType<typeof startOcspServer>>;
let url: string;
beforeAll(async () => {
  desk = await OcspDesk.open(ownFolder(), new Date());
  server = await startOcspServer(() => desk.answer);
  url = `http://127.0.0.1:${server.port}`;
});
beforeEach(() => desk.reset());
afterAll(() => server.stop());

const aMinuteAgo = (): Date => new Date(Date.now() - 60_000);

describeWhen(hasTool('openssl', 'version'), 'openssl as an OCSP client', () => {
  const client = (...options: readonly string[]) => {
    const { root, issuing, holder } = desk.files;
    const who = ['-CAfile', root, '-verify_other', issuing, '-issuer', issuing];
    return runTool('openssl', ['ocsp', ...options, ...who, '-cert', holder, '-url', url]);
  };

  it.each([['-nonce'], ['-no_nonce']])('accepts a good answer (%s)', async (option) => {
    const { output } = await client(option);
    expect(output).toContain('Response verify OK');
    expect(output).toMatch(/holder\.pem: good/);
    expect(output).not.toContain('WARNING');
  });

  it('accepts the SHA-256 form of a certificate id', async () => {
    expect((await client('-sha256')).output).toMatch(/holder\.pem: good/);
  });

  it('reads a revocation and its reason', async () => {
    desk.revokedAt(aMinuteAgo());
    const { output } = await client();
    expect(output).toContain('Response verify OK');
    expect(output).toMatch(/holder\.pem: revoked[^]*Reason: keyCompromise/);
  });

  it('reads that a certificate is unknown', async () => {
    desk.statuses.clear();
    expect((await client()).output).toMatch(/holder\.pem: unknown/);
  });
});

describeWhen(hasTool('ocsptool', '--version'), 'GnuTLS ocsptool as an OCSP client', () => {
  const client = () => {
    const { issuing, holder } = desk.files;
    const who = ['--load-cert', holder, '--load-issuer', issuing, '--load-trust', issuing];
    return runTool('ocsptool', [`--ask=${url}/`, '--nonce', ...who]);
  };

  it('accepts a good answer', async () => {
    const { output } = await client();
    expect(output).toContain('Certificate Status: good');
    expect(output).toContain('Verifying OCSP Response: Success');
  });

  it('reads a revocation', async () => {
    desk.revokedAt(aMinuteAgo());
    expect((await client()).output).toContain('Certificate Status: revoked');
  });
});
