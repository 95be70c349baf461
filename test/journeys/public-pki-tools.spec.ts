import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { scheduleActivation } from '../../src/contexts/certificates/messages.js';
import { partnerUserByUserId } from '../../src/contexts/partners/lookups.js';
import { toPem } from '../../src/pki/pem.js';
import { Pki } from '../../src/platform/pki/pki.js';
import { approved, decisionsOf, issuedFor, PERSON, PIN, sendAsSystem } from '../kit/certificates.js';
import { describeWhen } from '../kit/describe-when.js';
import { hasTool, runTool } from '../kit/outside-tools.js';
import { ownFolder } from '../kit/own-folder.js';
import { type Partners, preparedPartners, registrant } from '../kit/partners.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

const SIGNER = 'A1000101';
const FORMS = ['modern', 'compatible'] as const;
type Form = (typeof FORMS)[number];
// Programs that are not ours start for each question, and days pass.
jest.setTimeout(180_000);
const folder = ownFolder();

/** A certificate of the running service, and what it says about where to ask. */
type Held = Readonly<{ certificateId: string; der: Buffer; file: string; crl: string; ocsp: string; issuer: string }>;

let running: RunningService;
let partners: Partners;
let good: Held;
let revoked: Held;
let root: string;
let issuing: string;
const pfx = {} as Record<Form, string>;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const written = (name: string, content: Buffer | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const fetched = async (url: string): Promise<Buffer> => {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
};
const placeIn = async (file: string, extension: string, pattern: RegExp): Promise<string> =>
  pattern.exec((await runTool('openssl', ['x509', '-in', file, '-noout', '-ext', extension])).output)![1]!;

/** Issued by the service; everything else is read from the certificate, as a stranger would. */
const certified = async (name: string): Promise<Held> => {
  const user = (await partnerUserByUserId(decisionsOf(running), SIGNER))!;
  const holder = { accountId: user.accountId, userId: SIGNER, mail: user.mails.mail, tenant: user.tenant };
  const application = await approved(running, holder, 3);
  const { certificateId } = await issuedFor(running, application);
  const der = (await running.service.app.get(Pki).register.kept('signing', application.applicationId))!;
  const file = written(`${name}.pem`, toPem('CERTIFICATE', der));
  const [crl, ocsp, issuer] = await Promise.all([
    placeIn(file, 'crlDistributionPoints', /URI:(\S+)/),
    placeIn(file, 'authorityInfoAccess', /OCSP - URI:(\S+)/),
    placeIn(file, 'authorityInfoAccess', /CA Issuers - URI:(\S+)/),
  ]);
  return { certificateId, der, file, crl, ocsp, issuer };
};
const revoke = async ({ certificateId }: Held): Promise<void> => {
  const staff = await running.staff();
  const body = { by: 'LRA', reason: 'keyCompromise' };
  expect((await staff.post(`back-office/certificates/${certificateId}/revocation`, body)).status).toBe(200);
};
const listOf = async ({ crl }: Held, name: string): Promise<string> =>
  written(`${name}.crl.pem`, toPem('X509 CRL', await fetched(crl)));
const verified = (certificate: string, list: string, at = running.clock.now()) =>
  runTool('openssl', [
    ...['verify', '-x509_strict', '-purpose', 'smimesign', '-crl_check', '-CRLfile', list],
    ...['-attime', String(Math.floor(at.getTime() / 1000)), '-CAfile', root, '-untrusted', issuing, certificate],
  ]);

beforeAll(async () => {
  const port = await freePort();
  running = await startForTests({ PKI_PUBLIC_URL: `http://127.0.0.1:${port}/pki` });
  await running.service.app.listen(port, '127.0.0.1');
  partners = await preparedPartners(running);
  await partners.company('A10001');
  await partners.office('A10001', 'Sendai', [registrant('one@example.com', ['GROUP_ADMINISTRATOR', 'SIGNER'])]);
  // The initial password stands in a mail that is not kept for ever.
  await partners.as(SIGNER);
  [good, revoked] = [await certified('good'), await certified('revoked')];
  const noticeSentAt = running.clock.now().toISOString();
  const { certificateId } = good;
  await sendAsSystem(running, scheduleActivation({ certificateId, noticeSentAt }), 'grp0101');
  await revoke(revoked);
  issuing = written('issuing.pem', toPem('CERTIFICATE', await fetched(good.issuer)));
  root = written('root.pem', await fetched(good.issuer.replace('signing.cer', 'signing-root.pem')));
});
afterAll(() => running.stop());

describe('what the running service hands out', () => {
  describeWhen(hasTool('openssl', 'version'), 'judged by openssl', () => {
    it('chain and list: the good certificate passes strictly, the revoked one is refused', async () => {
      const list = await listOf(good, 'now');
      expect(await verified(good.file, list)).toMatchObject({ ok: true });
      const verdict = await verified(revoked.file, list);
      expect([verdict.ok, verdict.output.includes('certificate revoked')]).toEqual([false, true]);
      const { output } = await runTool('openssl', ['crl', '-in', list, '-CAfile', issuing, '-noout', '-text']);
      expect(output).toContain('verify OK');
      expect(output).toContain('Key Compromise');
      expect(output).toContain(`URI:${good.crl}`);
    });

    it('the Japanese names as they were entered', async () => {
      const names = ['-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus'];
      const { output } = await runTool('openssl', ['x509', '-in', good.file, ...names]);
      const { companyName, familyName, givenName } = PERSON;
      expect(output).toContain(`subject=C=JP,O=${companyName},SN=${familyName},GN=${givenName},CN=BN-Mihon.Taro`);
    });

    it.each(['-nonce', '-no_nonce'])('state by OCSP at the address in the certificate (%s)', async (nonce) => {
      const state = async ({ file, ocsp }: Held) =>
        (await runTool('openssl', ['ocsp', '-issuer', issuing, '-cert', file, '-url', ocsp, nonce, '-CAfile', root]))
          .output;
      const said = await state(good);
      expect(said).toContain('Response verify OK');
      expect(said).toMatch(/good\.pem: good/);
      expect(await state(revoked)).toMatch(/revoked\.pem: revoked[^]*Reason: keyCompromise/);
    });
  });

  describeWhen(hasTool('certtool', '--version') && hasTool('ocsptool', '--version'), 'judged by GnuTLS', () => {
    it('chain, list and state', async () => {
      const chain = written(
        'chain.pem',
        [good, { der: await fetched(good.issuer) }].map(({ der }) => toPem('CERTIFICATE', der)).join(''),
      );
      const verdict = await runTool('certtool', ['--verify', '--load-ca-certificate', root, '--infile', chain]);
      expect(verdict.output).toContain('Verified. The certificate is trusted.');
      expect(verdict.output).toContain(`O=${PERSON.companyName}`);
      const list = await listOf(good, 'gnutls');
      const judged = await runTool('certtool', ['--verify-crl', '--load-ca-certificate', issuing, '--infile', list]);
      expect(judged.output).toMatch(/Verified\b|verified\./i);
      expect(judged.ok).toBe(true);
      for (const [held, state] of [
        [good, 'good'],
        [revoked, 'revoked'],
      ] as const) {
        const who = ['--load-cert', held.file, '--load-issuer', issuing, '--load-trust', issuing];
        const { output } = await runTool('ocsptool', [`--ask=${held.ocsp}/`, '--nonce', ...who]);
        expect(output).toContain(`Certificate Status: ${state}`);
      }
    });
  });

  describeWhen(hasTool('keytool'), 'judged by Java', () => {
    it('certificate and list, with the Japanese names', async () => {
      const read = (...args: string[]) =>
        runTool('keytool', ['-J-Dstdout.encoding=UTF-8', '-J-Dfile.encoding=UTF-8', '-J-Duser.language=en', ...args]);
      expect((await read('-printcert', '-v', '-file', good.file)).output).toContain(`O=${PERSON.companyName}`);
      const { ok, output } = await read('-printcrl', '-file', await listOf(good, 'java'));
      expect([ok, output.includes('O=株式会社例示認証')]).toEqual([true, true]);
      const { serialNumber } = new X509Certificate(revoked.der);
      expect(output.toUpperCase()).toContain(serialNumber.match(/../g)!.join(':'));
    });
  });

  describeWhen(hasTool('certutil', '-H') && hasTool('vfychain'), 'judged by NSS', () => {
    let store: string;
    const nss = (...args: string[]) => runTool('certutil', [...args, '-d', store]);
    beforeAll(async () => {
      store = `sql:${ownFolder()}`;
      await nss('-N', '--empty-password');
      await nss('-A', '-n', 'root', '-t', 'C,C,C', '-i', root);
      await nss('-A', '-n', 'issuing', '-t', ',,', '-i', issuing);
      await nss('-A', '-n', 'good', '-t', ',,', '-i', good.file);
    });

    it('chain: the certificate signs', async () =>
      expect((await nss('-V', '-n', 'good', '-u', 'S', '-e')).output).toContain('certificate is valid'));

    it('state by OCSP, which it finds by itself', async () => {
      const judged = ({ file }: Held) => {
        const byOcsp = ['-g', 'leaf', '-m', 'ocsp', '-s', 'requireInfo'];
        return runTool('vfychain', ['-d', store, '-pp', '-u', '4', ...byOcsp, '-v', '-a', file, issuing]);
      };
      expect(await judged(good)).toMatchObject({ ok: true });
      expect((await judged(revoked)).output).toContain('has been revoked');
    });

    it('but no list that is one part of several: it knows no such lists, and does not pretend to', async () => {
      const list = written('nss.crl', await fetched(good.crl));
      const { output } = await runTool('crlutil', ['-I', '-i', list, '-d', store]);
      expect(output).toContain('SEC_ERROR_CRL_UNKNOWN_CRITICAL_EXTENSION');
    });
  });
});

describeWithMovableClock('the .pfx files that the running service hands out', () => {
  beforeAll(async () => {
    await running.clock.advance('8d');
    const signer = await partners.as(SIGNER);
    for (const form of FORMS) {
      const answer = await signer.post(`e-contract/users/${SIGNER}/certificate/file`, { pin: PIN, form });
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-pkcs12']);
      pfx[form] = written(`${form}.pfx`, answer.raw);
    }
  });
  const legacy = (form: Form): string[] => (form === 'compatible' ? ['-legacy'] : []);

  describeWhen(hasTool('openssl', 'version'), 'opened by openssl', () => {
    it.each(FORMS)('%s: the key, its certificate and the public chain, and nothing under another PIN', async (form) => {
      const open = (pin: string) =>
        runTool('openssl', ['pkcs12', '-in', pfx[form], '-passin', `pass:${pin}`, '-nodes', ...legacy(form)]);
      const { ok, output } = await open(PIN);
      expect(ok).toBe(true);
      const inside = output.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g)!;
      expect(inside.map((pem) => new X509Certificate(pem).raw)).toEqual([
        good.der,
        await fetched(good.issuer),
        await fetched(good.issuer.replace('signing.cer', 'signing-root.cer')),
      ]);
      const key = written(`${form}.key`, /-----BEGIN PRIVATE KEY-----[^]+-----END PRIVATE KEY-----/.exec(output)![0]);
      const publicKey = async (...args: string[]) => (await runTool('openssl', args)).output;
      expect(await publicKey('pkey', '-in', key, '-pubout')).toBe(
        await publicKey('x509', '-in', good.file, '-noout', '-pubkey'),
      );
      expect((await open('abcd1234efgh')).ok).toBe(false);
    });
  });

  describeWhen(hasTool('keytool'), 'opened by Java', () => {
    it.each(FORMS)('%s', async (form) => {
      const { ok, output } = await runTool('keytool', [
        ...['-J-Dstdout.encoding=UTF-8', '-J-Dfile.encoding=UTF-8', '-J-Duser.language=en', '-list', '-v'],
        ...['-storetype', 'PKCS12', '-keystore', pfx[form], '-storepass', PIN],
      ]);
      expect(ok).toBe(true);
      expect(output).toContain('Certificate chain length: 3');
      expect(output).toContain(`O=${PERSON.companyName}`);
    });
  });

  describeWhen(hasTool('certtool', '--version'), 'opened by GnuTLS', () => {
    it.each(FORMS)('%s', async (form) => {
      const asked = ['--p12-info', '--inder', '--infile', pfx[form], '--password'];
      const { ok, output } = await runTool('certtool', [...asked, PIN]);
      expect([ok, output.match(/BEGIN CERTIFICATE/g)?.length]).toEqual([true, 3]);
      expect((await runTool('certtool', [...asked, 'abcd1234efgh'])).ok).toBe(false);
    });
  });

  describeWhen(hasTool('pk12util', '-H') && hasTool('certutil', '-H'), 'opened by NSS', () => {
    it.each(FORMS)('%s', async (form) => {
      const store = `sql:${ownFolder()}`;
      await runTool('certutil', ['-N', '-d', store, '--empty-password']);
      expect(await runTool('pk12util', ['-i', pfx[form], '-d', store, '-W', PIN])).toMatchObject({ ok: true });
      expect((await runTool('certutil', ['-K', '-d', store])).output).toMatch(/< 0> rsa /);
    });
  });
});

describeWithMovableClock('revocation lists, one for each quarter of issue', () => {
  it('name their part, and openssl takes none for another: each certificate is judged by the list it names', async () => {
    await running.clock.advance('92d');
    const later = await certified('later');
    expect(later.crl).not.toBe(good.crl);
    await revoke(later);
    const [old, fresh] = [await listOf(good, 'old-quarter'), await listOf(later, 'new-quarter')];
    expect(await verified(good.file, old)).toMatchObject({ ok: true });
    expect((await verified(revoked.file, old)).output).toContain('certificate revoked');
    expect((await verified(later.file, fresh)).output).toContain('certificate revoked');
    // The list of another part neither clears nor condemns.
    for (const [file, list] of [
      [good.file, fresh],
      [later.file, old],
    ] as const)
      expect((await verified(file, list)).output).toMatch(/different CRL scope|unable to get certificate CRL/i);
    const serialsIn = async (list: string) =>
      (await runTool('openssl', ['crl', '-in', list, '-noout', '-text'])).output;
    expect(await serialsIn(old)).not.toContain(new X509Certificate(later.der).serialNumber);
  });
});
