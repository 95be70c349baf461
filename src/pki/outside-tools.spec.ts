import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen } from '../../test/kit/describe-when.js';
import { hasTool, runTool } from '../../test/kit/outside-tools.js';
import { ownFolder } from '../../test/kit/own-folder.js';
import { COMPANY, memoryRegister, newHierarchy, ORGANIZATION, writePem } from '../../test/kit/pki.js';
import type { Hierarchy } from './authorities/hierarchies.js';
import { issue } from './certificates/issue.js';
import { newKeyPair } from './keys/key-kinds.js';
import { daysFrom, termOf } from './profiles/term.js';

const folder = ownFolder();
// Outside tools look at the machine's own clock.
const now = new Date();
let signing: Hierarchy;
let client: Hierarchy;
let server: Hierarchy;
const files: Record<string, string> = {};

beforeAll(async () => {
  signing = await newHierarchy('signing', folder, now);
  client = await newHierarchy('client', folder, now);
  server = await newHierarchy('server', folder, now);
  for (const [id, { root, issuing }] of Object.entries({ signing, client, server })) {
    files[`${id}-root`] = writePem(folder, `${id}-root.pem`, 'CERTIFICATE', root.certificate);
    files[`${id}-issuing`] = writePem(folder, `${id}-issuing.pem`, 'CERTIFICATE', issuing.certificate);
  }
  const register = memoryRegister();
  const rsa = (await newKeyPair('rsa-3072')).spki;
  const ec = (await newKeyPair('p-256')).spki;
  const holder = await issue(
    signing.issuing,
    {
      issuanceId: 'holder',
      profile: 'personal-signing',
      subject: [
        ['country', 'JP'],
        ['organization', COMPANY],
        ['surname', '見本'],
        ['givenName', '太郎'],
        ['commonName', 'BN-Mihon.Taro'],
      ],
      spki: rsa,
      validity: termOf(now, 3),
    },
    register,
    now,
  );
  files['holder'] = writePem(folder, 'holder.pem', 'CERTIFICATE', holder);
  const login = await issue(
    client.issuing,
    {
      issuanceId: 'login',
      profile: 'client-authentication',
      subject: [
        ['country', 'JP'],
        ['organization', COMPANY],
        ['commonName', 'user-00001'],
      ],
      spki: ec,
      validity: daysFrom(now, 365),
    },
    register,
    now,
  );
  files['login'] = writePem(folder, 'login.pem', 'CERTIFICATE', login);
  for (const profile of ['server-organization', 'server-extended'] as const) {
    const extended = [
      ['jurisdictionCountry', 'JP'],
      ['businessCategory', 'Private Organization'],
      ['serialNumber', '0000-00-000000'],
    ] as const;
    const certificate = await issue(
      server.issuing,
      {
        issuanceId: profile,
        profile,
        subject: [
          ...(profile === 'server-extended' ? extended : []),
          ['country', 'JP'],
          ['stateOrProvince', '東京都'],
          ['organization', COMPANY],
          ['commonName', 'www.example.com'],
        ],
        spki: ec,
        validity: daysFrom(now, 100),
        dnsNames: profile === 'server-extended' ? ['www.example.com'] : ['www.example.com', '*.api.example.com'],
      },
      register,
      now,
    );
    files[profile] = writePem(folder, `${profile}.pem`, 'CERTIFICATE', certificate);
  }
});

const verify = (hierarchy: string, certificate: string, ...more: readonly string[]) =>
  runTool('openssl', [
    ...['verify', '-x509_strict', '-CAfile', files[`${hierarchy}-root`]!],
    ...['-untrusted', files[`${hierarchy}-issuing`]!, ...more, files[certificate]!],
  ]);

describeWhen(hasTool('openssl', 'version'), 'openssl', () => {
  it.each([
    ['signing', 'holder', ['-purpose', 'smimesign']],
    ['client', 'login', ['-purpose', 'sslclient']],
    ['server', 'server-organization', ['-purpose', 'sslserver', '-verify_hostname', 'a.api.example.com']],
    ['server', 'server-extended', ['-purpose', 'sslserver', '-verify_hostname', 'www.example.com']],
  ])('verifies the %s chain of %s strictly', async (hierarchy, certificate, more) => {
    expect(await verify(hierarchy, certificate, ...more)).toMatchObject({ ok: true });
  });

  it.each([
    ['signing', 'holder', 'sslserver'],
    ['signing', 'holder', 'sslclient'],
    ['client', 'login', 'sslserver'],
    ['client', 'login', 'smimesign'],
    ['server', 'server-organization', 'sslclient'],
  ])('refuses the %s certificate of %s for %s', async (hierarchy, certificate, purpose) => {
    expect(await verify(hierarchy, certificate, '-purpose', purpose)).toMatchObject({ ok: false });
  });

  it('finds no way from one hierarchy to the root of another', async () => {
    expect(await verify('client', 'holder')).toMatchObject({ ok: false });
  });

  it('reads every Japanese name as it was written', async () => {
    const { output } = await runTool('openssl', [
      ...['x509', '-in', files['holder']!, '-noout', '-subject', '-issuer', '-nameopt', 'utf8,sep_comma_plus'],
    ]);
    expect(output).toContain(`subject=C=JP,O=${COMPANY},SN=見本,GN=太郎,CN=BN-Mihon.Taro`);
    expect(output).toContain(`issuer=C=JP,O=${ORGANIZATION},CN=Signing CA 1`);
  });

  it('gives every certificate a serial of 128 bits', async () => {
    const { output } = await runTool('openssl', ['x509', '-in', files['holder']!, '-noout', '-serial']);
    expect(output).toMatch(/^serial=[0-9A-F]{32}\n$/);
  });
});

describeWhen(hasTool('keytool'), 'Java keytool', () => {
  it('reads the certificate and its Japanese names', async () => {
    const { ok, output } = await runTool('keytool', [
      ...['-J-Dstdout.encoding=UTF-8', '-J-Dfile.encoding=UTF-8', '-J-Duser.language=en'],
      ...['-printcert', '-v', '-file', files['holder']!],
    ]);
    expect(ok).toBe(true);
    expect(output).toContain(`O=${COMPANY}`);
    expect(output).toContain('GIVENNAME=太郎');
    expect(output).toContain('Non_repudiation');
  });
});

describeWhen(hasTool('certtool', '--version'), 'GnuTLS certtool', () => {
  it('verifies the chain', async () => {
    const chain = writePem(
      folder,
      'chain.pem',
      'CERTIFICATE',
      new X509Certificate(await readPem('holder')).raw,
      signing.issuing.certificate,
    );
    const verdict = await runTool('certtool', [
      ...['--verify', '--load-ca-certificate', files['signing-root']!, '--infile', chain],
    ]);
    expect(verdict.output).toContain('Verified. The certificate is trusted.');
    expect(verdict.output).toContain(`O=${COMPANY}`);
  });
});

describeWhen(hasTool('certutil', '-H'), 'NSS certutil', () => {
  it('verifies the holder as a signer', async () => {
    const store = `sql:${folder}`;
    await runTool('certutil', ['-N', '-d', store, '--empty-password']);
    await runTool('certutil', ['-A', '-d', store, '-n', 'root', '-t', 'C,C,C', '-i', files['signing-root']!]);
    await runTool('certutil', ['-A', '-d', store, '-n', 'issuing', '-t', ',,', '-i', files['signing-issuing']!]);
    await runTool('certutil', ['-A', '-d', store, '-n', 'holder', '-t', ',,', '-i', files['holder']!]);
    const verdict = await runTool('certutil', ['-V', '-d', store, '-n', 'holder', '-u', 'S', '-e']);
    expect(verdict.output).toContain('certificate is valid');
    const tls = await runTool('certutil', ['-V', '-d', store, '-n', 'holder', '-u', 'V', '-e']);
    expect(tls.ok).toBe(false);
  });
});

const readPem = async (name: string): Promise<Buffer> => {
  const { output } = await runTool('openssl', ['x509', '-in', files[name]!, '-outform', 'PEM']);
  return Buffer.from(output);
};

describe('the tools of this suite', () => {
  it('include openssl, without which nothing here is proved', () => expect(hasTool('openssl', 'version')).toBe(true));
});
