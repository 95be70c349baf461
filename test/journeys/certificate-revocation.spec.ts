import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromPem } from '../../src/pki/pem.js';
import type { Browser } from '../kit/browser.js';
import { type Application, approved, filesOf, issuedCertificate, issuedFor } from '../kit/certificates.js';
import { describeWhen } from '../kit/describe-when.js';
import { hasTool, runTool } from '../kit/outside-tools.js';
import { ownFolder } from '../kit/own-folder.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let staff: Browser;
let url: string;
const folder = ownFolder();

beforeAll(async () => {
  running = await startForTests();
  staff = await running.staff();
  await running.service.app.listen(0, '127.0.0.1');
  url = `${await running.service.app.getUrl()}/pki`;
}, 120_000);
afterAll(() => running.stop());

const LEAKED = { by: 'LRA', reason: 'keyCompromise' } as const;
const revoke = (certificateId: string, body: object = LEAKED) =>
  staff.post(`back-office/certificates/${certificateId}/revocation`, body);
const seen = async (certificateId: string, version = 0) =>
  (await staff.get(`back-office/certificates/${certificateId}?minVersion=${version}`)).body;

describe('EC-56 issuing', () => {
  it('EC-56 gives the applied-for name and term, once however often it is asked', async () => {
    const application = await approved(running);
    const [first, second] = [await issuedFor(running, application), await issuedFor(running, application)];
    expect(second).toEqual(first);
    expect(await seen(first.certificateId)).toMatchObject({
      status: 'issued',
      commonName: 'BN-Mihon.Taro',
      holderUserId: 'A1000101',
      termYears: 3,
      serial: first.serial,
      actions: ['revoke'],
    });
    const years = new Date(first.notAfter).getUTCFullYear() - running.clock.now().getUTCFullYear();
    expect(years).toBeGreaterThanOrEqual(2);
    expect(years).toBeLessThanOrEqual(3);
  });

  it('EC-56 gives one certificate to ten who issue at once', async () => {
    const application = await approved(running);
    const all = await Promise.all(Array.from({ length: 10 }, () => issuedFor(running, application)));
    expect(new Set(all.map(({ serial }) => serial)).size).toBe(1);
  });

  it('EC-56 refuses to certify what nobody approved', async () => {
    const application = { ...(await approved(running)), keyId: 'no-key' };
    await expect(issuedFor(running, application)).rejects.toThrow('there is no key');
  });
});

describe('EC-62 revocation by the registration authority or the policy body', () => {
  it('EC-62 counts at once, and once', async () => {
    const { certificateId, serial } = await issuedCertificate(running);
    const revoked = await revoke(certificateId);
    expect(revoked.status).toBe(200);
    expect(await seen(certificateId, revoked.body.version)).toMatchObject({
      status: 'revoked',
      revokedBy: 'LRA',
      reason: 'keyCompromise',
      serial,
      actions: [],
    });
    const again = await revoke(certificateId, { ...LEAKED, by: 'POLICY_BODY' });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: 'CERTIFICATE_STATE', params: { status: 'revoked' } });
  });

  it('EC-62 names everything that is wrong with an order at once', async () => {
    const { certificateId } = await issuedCertificate(running);
    const { status, body } = await revoke(certificateId, { by: 'ANYBODY', reason: 'certificateHold' });
    expect(status).toBe(400);
    expect(body.errors.map(({ field }: { field: string }) => field).sort()).toEqual(['by', 'reason']);
  });

  it('EC-62 is for staff, and for certificates that are there', async () => {
    expect((await revoke('no-such-certificate')).status).toBe(404);
    const stranger = running.browser();
    const { certificateId } = await issuedCertificate(running);
    expect((await stranger.post(`back-office/certificates/${certificateId}/revocation`, LEAKED)).status).toBe(401);
  });

  it('EC-62 leaves a line that says who, what and why', async () => {
    const { certificateId } = await issuedCertificate(running);
    await revoke(certificateId, { by: 'POLICY_BODY', reason: 'privilegeWithdrawn' });
    const line = async () =>
      (await staff.get(`back-office/history?target=${certificateId}&operation=certificates.RevokeCertificate`)).body
        .items[0];
    for (let tries = 0; tries < 100 && !(await line()); tries += 1) await new Promise((r) => setTimeout(r, 20));
    expect(await line()).toMatchObject({ result: 'success', actor: { kind: 'backOffice' } });
    expect(JSON.stringify((await line()).events)).toContain('privilegeWithdrawn');
  });
});

describe('the list of certificates', () => {
  it('is found by holder and by serial, and comes in pages', async () => {
    const holder = { accountId: null, userId: 'B2000101', mail: 'b@example.com', tenant: 'grp02' };
    const issued = [];
    for (let n = 0; n < 3; n += 1) issued.push(await issuedCertificate(running, holder));
    await seen(issued[2]!.certificateId, 0);
    const first = (await staff.get('back-office/certificates?holderUserId=B2000101&limit=2')).body;
    expect(first.items).toHaveLength(2);
    const cursor = encodeURIComponent(first.nextCursor as string);
    const rest = (await staff.get(`back-office/certificates?holderUserId=B2000101&limit=2&cursor=${cursor}`)).body;
    expect(rest.items).toHaveLength(1);
    expect(rest.nextCursor).toBeNull();
    const bySerial = await staff.get(`back-office/certificates?serial=${issued[0]!.serial.toUpperCase()}`);
    expect(bySerial.body.items).toMatchObject([{ id: issued[0]!.certificateId }]);
  });
});

const hasKeytool = hasTool('keytool', '-help');

describeWhen(hasTool('openssl', 'version'), 'programs that are not ours judge certificate and revocation', () => {
  let application: Application;
  let files: Awaited<ReturnType<typeof filesOf>>;
  let certificateId: string;
  beforeAll(async () => {
    application = await approved(running);
    ({ certificateId } = await issuedFor(running, application));
    files = await filesOf(running, folder, application);
  });

  const listPlace = async () => {
    const { output } = await runTool('openssl', [
      'x509',
      '-in',
      files.holder,
      '-noout',
      '-ext',
      'crlDistributionPoints',
    ]);
    return /URI:http:\/\/[^/]+\/pki(\S+)/.exec(output)![1]!;
  };
  const savedList = async () => {
    const list = await fetch(url + (await listPlace()));
    expect(list.status).toBe(200);
    const path = join(folder, 'list.crl');
    writeFileSync(path, Buffer.from(await list.arrayBuffer()));
    return path;
  };
  const verified = async () => {
    const list = join(folder, 'list.pem');
    await runTool('openssl', ['crl', '-inform', 'DER', '-in', await savedList(), '-out', list]);
    const trust = ['-CAfile', files.root, '-untrusted', files.issuing, '-CRLfile', list];
    return runTool('openssl', ['verify', '-x509_strict', '-crl_check', ...trust, files.holder]);
  };
  const asked = (...options: string[]) => {
    const who = [
      '-CAfile',
      files.root,
      '-verify_other',
      files.issuing,
      '-issuer',
      files.issuing,
      '-cert',
      files.holder,
    ];
    return runTool('openssl', ['ocsp', ...options, ...who, '-url', `${url}/ocsp/signing`]);
  };
  const byGet = async () => {
    const request = join(folder, 'question.der');
    await runTool('openssl', [
      ...['ocsp', '-no_nonce', '-issuer', files.issuing, '-cert', files.holder],
      ...['-reqout', request],
    ]);
    const answer = await fetch(`${url}/ocsp/signing/${encodeURIComponent(readFileSync(request).toString('base64'))}`);
    return createHash('sha256')
      .update(Buffer.from(await answer.arrayBuffer()))
      .digest('hex');
  };

  it('EC-62 before: openssl finds the certificate good by list and by question', async () => {
    expect((await verified()).output).toContain(': OK');
    expect((await asked('-nonce')).output).toMatch(/: good/);
    expect((await asked('-no_nonce')).output).toMatch(/: good/);
  });

  it('EC-62 after: both say "revoked" in the very next answer, also where an answer had been kept', async () => {
    const before = await byGet();
    expect(await byGet()).toBe(before);
    expect((await revoke(certificateId)).status).toBe(200);
    expect(await byGet()).not.toBe(before);
    for (const nonce of ['-nonce', '-no_nonce']) {
      const { output } = await asked(nonce);
      expect(output).toContain('Response verify OK');
      expect(output).toMatch(/: revoked[^]*Reason: keyCompromise/);
    }
    const { output } = await verified();
    expect(output).toContain('certificate revoked');
  });

  it('EC-62 no date of list or answer lies in the future, whatever the second', async () => {
    const { output } = await runTool('openssl', ['crl', '-inform', 'DER', '-in', await savedList(), '-noout', '-text']);
    const dates = [...output.matchAll(/(?:Last Update|Revocation Date): (.+ GMT)/g)].map(([, text]) =>
      Date.parse(text!),
    );
    expect(dates.length).toBeGreaterThanOrEqual(2);
    for (const date of dates) expect(date).toBeLessThanOrEqual(Date.now());
  });

  it('EC-62 a restart forgets nothing of it', async () => {
    await running.restart();
    staff = await running.staff();
    await running.service.app.listen(0, '127.0.0.1');
    url = `${await running.service.app.getUrl()}/pki`;
    expect((await asked('-nonce')).output).toMatch(/: revoked/);
    expect((await verified()).output).toContain('certificate revoked');
  });

  it('EC-56 the names survive openssl and keytool', async () => {
    const { output } = await runTool('openssl', [
      'x509',
      '-in',
      files.holder,
      '-noout',
      '-subject',
      '-nameopt',
      'utf8',
    ]);
    expect(output).toContain('見本橋梁建設株式会社');
    expect(output).toContain('BN-Mihon.Taro');
    expect(fromPem('CERTIFICATE', readFileSync(files.holder, 'latin1'))).toHaveLength(1);
    if (!hasKeytool) return;
    const shown = await runTool('keytool', [
      '-printcert',
      '-file',
      files.holder,
      '-J-Dfile.encoding=UTF-8',
      '-J-Dstdout.encoding=UTF-8',
    ]);
    expect(shown.output).toContain('BN-Mihon.Taro');
  });
});
