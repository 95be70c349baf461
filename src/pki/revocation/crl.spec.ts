import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CertificateList, CRLNumber } from '@peculiar/asn1-x509';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { longestBlockOf } from '../../../test/kit/longest-block.js';
import { hasTool, runTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { COMPANY, memoryRegister, memoryShelf, newHierarchy, ORGANIZATION, writePem } from '../../../test/kit/pki.js';
import { serialOf } from '../authorities/authority.js';
import type { Hierarchy } from '../authorities/hierarchies.js';
import { issue } from '../certificates/issue.js';
import { newSerial } from '../certificates/serial.js';
import { newKeyPair } from '../keys/key-kinds.js';
import { EXTENSION } from '../object-ids.js';
import { termOf } from '../profiles/term.js';
import { writeCrl, type CrlContent } from './crl.js';
import type { Revocation } from './crl-entries.js';
import { listNameOf } from './list-name.js';
import { ClockWentBack, publishCrl } from './publish-crl.js';
import type { RevocationReason } from './reasons.js';

const folder = ownFolder();
const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const DAY_MS = 86_400_000;
/** Of our own work: what else runs on the machine is not ours to promise. */
const BLOCK_MAX_MS = 50;
let signing: Hierarchy;
let client: Hierarchy;

beforeAll(async () => {
  signing = await newHierarchy('signing', folder, now);
  client = await newHierarchy('client', folder, now);
});

const revoked = (change: Partial<Revocation> = {}): Revocation => ({
  serial: newSerial(),
  effectiveAt: later(now, -1000),
  reason: 'keyCompromise',
  expiresAt: later(now, DAY_MS),
  ...change,
});

const content = (revocations: readonly Revocation[], change: Partial<CrlContent> = {}): CrlContent => ({
  listName: listNameOf(signing.issuing, now),
  number: 1n,
  now,
  nextUpdate: later(now, DAY_MS),
  revocations,
  ...change,
});

const read = async (hierarchy: Hierarchy, what: CrlContent): Promise<CertificateList['tbsCertList']> =>
  AsnConvert.parse(await writeCrl(hierarchy.issuing, what), CertificateList).tbsCertList;

const serialsOf = (list: CertificateList['tbsCertList']): string[] =>
  (list.revokedCertificates ?? []).map(({ userCertificate }) =>
    Buffer.from(userCertificate).toString('hex').replace(/^00/, ''),
  );

describe('a revocation list', () => {
  it('names each revoked certificate with its date and reason, and leaves "unspecified" out', async () => {
    const reasons: RevocationReason[] = ['keyCompromise', 'superseded', 'unspecified'];
    const entries = reasons.map((reason) => revoked({ reason }));
    const list = await read(signing, content(entries));
    expect(serialsOf(list)).toEqual(entries.map(({ serial }) => serial));
    expect(list.revokedCertificates?.map(({ crlEntryExtensions }) => crlEntryExtensions?.length)).toEqual([
      1,
      1,
      undefined,
    ]);
    expect(list.revokedCertificates?.[0]?.revocationDate.getTime()).toEqual(later(now, -1000));
  });

  it('has no list of entries when nothing is revoked', async () => {
    expect((await read(signing, content([]))).revokedCertificates).toBeUndefined();
  });

  it('holds nothing that is not in force yet, to the millisecond', async () => {
    const at = later(now, 500);
    const entries = [revoked({ effectiveAt: at }), revoked({ effectiveAt: later(at, 1), reason: 'superseded' })];
    const list = await read(signing, content(entries, { now: at }));
    expect(serialsOf(list)).toEqual([entries[0]!.serial]);
    expect(list.thisUpdate.getTime()).toEqual(now);
    expect(list.revokedCertificates?.[0]?.revocationDate.getTime()).toEqual(now);
  });

  it('keeps an expired certificate until one list after its end, or for good where old signatures are verified', async () => {
    const ended = revoked({ expiresAt: later(now, -DAY_MS) });
    const seenOnce = { previousUpdate: later(now, -DAY_MS) };
    const seenAfterEnd = { previousUpdate: later(now, -DAY_MS + 1) };
    expect(serialsOf(await read(client, content([ended])))).toEqual([ended.serial]);
    expect(serialsOf(await read(client, content([ended], seenOnce)))).toEqual([ended.serial]);
    expect(serialsOf(await read(client, content([ended], seenAfterEnd)))).toEqual([]);
    expect(serialsOf(await read(signing, content([ended], seenAfterEnd)))).toEqual([ended.serial]);
    const extensions = async (hierarchy: Hierarchy): Promise<string[]> =>
      (await read(hierarchy, content([]))).crlExtensions?.map(({ extnID }) => extnID) ?? [];
    expect(await extensions(signing)).toContain(EXTENSION.expiredCertsOnCRL);
    expect(await extensions(client)).not.toContain(EXTENSION.expiredCertsOnCRL);
  });

  it('never holds up the event loop for long, however many entries it has', async () => {
    const entries = Array.from({ length: 100_000 }, () => revoked());
    let der: Buffer = Buffer.alloc(0);
    const block = await longestBlockOf(async () => (der = await writeCrl(signing.issuing, content(entries))));
    expect(der.length).toBeGreaterThan(100_000 * 30);
    expect(block.ownMs).toBeLessThan(BLOCK_MAX_MS);
  });
});

describe('the list of a certificate', () => {
  it.each([
    ['2026-01-01T00:00:00Z', 'signing-2026q1'],
    ['2026-03-31T23:59:59Z', 'signing-2026q1'],
    ['2026-04-01T00:00:00Z', 'signing-2026q2'],
    ['2026-12-31T23:59:59Z', 'signing-2026q4'],
  ])('issued at %s is %s', (at, name) => expect(listNameOf(signing.issuing, new Date(at))).toBe(name));

  it('of a root is its only one', () => expect(listNameOf(signing.root, now)).toBe('signing-root'));
});

describe('publishing', () => {
  const numberOf = (der: Buffer): number => {
    const { crlExtensions } = AsnConvert.parse(der, CertificateList).tbsCertList;
    const extension = [...(crlExtensions ?? [])].find(({ extnID }) => extnID === EXTENSION.cRLNumber)!;
    return AsnConvert.parse(extension.extnValue.buffer, CRLNumber).value;
  };

  it('numbers the lists one after the other', async () => {
    const shelf = memoryShelf();
    const numbers: number[] = [];
    for (const day of [0, 1, 2]) {
      const crl = await publishCrl(signing.issuing, 'signing-2026q1', shelf, () => [], later(now, day * DAY_MS));
      numbers.push(numberOf(crl.der));
      expect(crl.nextUpdate.getTime() - crl.thisUpdate.getTime()).toBe(7 * DAY_MS);
    }
    expect(numbers).toEqual([1, 2, 3]);
  });

  it('never gives two lists one number, however many publish at once', async () => {
    const shelf = memoryShelf();
    const made = await Promise.all(
      [1, 2, 3, 4].map(() => publishCrl(signing.issuing, 'signing-2026q1', shelf, () => [], now)),
    );
    expect(made.map(({ number }) => Number(number)).toSorted()).toEqual([1, 2, 3, 4]);
  });

  it('refuses to go back in time, and ends with its authority', async () => {
    const shelf = memoryShelf();
    const publish = (at: Date) => publishCrl(signing.issuing, 'signing-2026q1', shelf, () => [], at);
    const last = later(signing.issuing.notAfter, -DAY_MS);
    expect((await publish(last)).nextUpdate).toEqual(signing.issuing.notAfter);
    await expect(publish(later(last, -1000))).rejects.toBeInstanceOf(ClockWentBack);
    expect((await publish(last)).number).toBe(2n);
  });
});

describeWhen(hasTool('openssl', 'version'), 'openssl and revocation lists', () => {
  const crlFile = async (hierarchy: Hierarchy, entries: readonly Revocation[], name: string): Promise<string> => {
    const der = await writeCrl(hierarchy.issuing, content(entries, { listName: listNameOf(hierarchy.issuing, now) }));
    return writePem(folder, name, 'X509 CRL', der);
  };

  it('verifies the list and reads number, part, names and reasons', async () => {
    const der = await writeCrl(signing.issuing, content([revoked()], { number: 0x1_0000_0001n }));
    const path = join(folder, 'list.crl');
    writeFileSync(path, der);
    const authority = writePem(folder, 'issuing.pem', 'CERTIFICATE', signing.issuing.certificate);
    const { output } = await runTool('openssl', [
      ...['crl', '-inform', 'DER', '-in', path, '-CAfile', authority, '-noout', '-text', '-nameopt', 'utf8'],
    ]);
    expect(output).toContain('verify OK');
    expect(output).toContain(ORGANIZATION);
    expect(output).toMatch(/CRL Number: *\n *(4294967297|0x100000001)/);
    expect(output).toContain('Key Compromise');
    expect(output).toContain(`URI:http://pki.example.com/crl/${listNameOf(signing.issuing, now)}.crl`);
  });

  it('refuses the revoked certificate and lets the others pass', async () => {
    const { spki } = await newKeyPair('p-256');
    const issued = (issuanceId: string) =>
      issue(
        signing.issuing,
        {
          issuanceId,
          profile: 'personal-signing',
          subject: [
            ['country', 'JP'],
            ['organization', COMPANY],
            ['commonName', 'BN-Mihon.Taro'],
          ],
          spki,
          validity: termOf(now, 1),
        },
        memoryRegister(),
        now,
      );
    const [bad, good] = [await issued('bad'), await issued('good')];
    const lists = await crlFile(signing, [revoked({ serial: serialOf(bad) })], 'signing.pem');
    const chain = ['root.pem', 'issuing.pem', 'bad.pem', 'good.pem'];
    const ders = [signing.root.certificate, signing.issuing.certificate, bad, good];
    const [root, issuing, badFile, goodFile] = chain.map((name, i) => writePem(folder, name, 'CERTIFICATE', ders[i]!));
    const verify = (file: string | undefined) =>
      runTool('openssl', [
        ...['verify', '-x509_strict', '-crl_check', '-CAfile', root!, '-untrusted', issuing!],
        ...['-CRLfile', lists, file!],
      ]);
    expect(await verify(goodFile)).toMatchObject({ ok: true });
    const verdict = await verify(badFile);
    expect(verdict.ok).toBe(false);
    expect(verdict.output).toContain('certificate revoked');
  });
});
