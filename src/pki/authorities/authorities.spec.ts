import { X509Certificate } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { memoryKeyWrap, memoryRegister, newHierarchy, ORGANIZATION } from '../../../test/kit/pki.js';
import { issue, type IssueOrder } from '../certificates/issue.js';
import { KeyFiles } from '../keys/key-files.js';
import { daysFrom } from '../profiles/term.js';
import { AuthorityFiles } from './authority-files.js';
import { HIERARCHY_IDS, openHierarchy, type Hierarchy, type HierarchyId } from './hierarchies.js';
import { NoAuthority, openAuthority } from './open-authority.js';

const now = new Date('2026-07-08T01:00:00Z');
const later = new Date('2027-03-01T00:00:00Z');

const starting = (folder: string): ((id: HierarchyId, at: Date) => Promise<Hierarchy>) => {
  const keyWrap = memoryKeyWrap();
  return (id, at) =>
    openHierarchy(id, {
      organization: ORGANIZATION,
      publicBase: 'http://pki.example.com',
      keys: new KeyFiles(folder, keyWrap),
      register: new AuthorityFiles(folder),
      now: at,
    });
};

const certificates = ({ root, issuing }: Hierarchy): string[] =>
  [root, issuing].map(({ certificate }) => certificate.toString('hex'));

describe('a first start', () => {
  it('makes a root and an issuing authority for each hierarchy, apart from each other', async () => {
    const start = starting(ownFolder());
    const roots = await Promise.all(HIERARCHY_IDS.map(async (id) => (await start(id, now)).root));
    expect(new Set(roots.map(({ signer }) => signer.spki.toString('hex'))).size).toBe(HIERARCHY_IDS.length);
    for (const { certificate } of roots) {
      const parsed = new X509Certificate(certificate);
      expect(parsed.subject).toContain(`O=${ORGANIZATION}`);
      expect(parsed.verify(parsed.publicKey)).toBe(true);
    }
  });

  it('is repeated by every later start with the same result', async () => {
    const start = starting(ownFolder());
    const first = await start('signing', now);
    const second = await start('signing', later);
    expect(certificates(second)).toEqual(certificates(first));
    expect(second.issuing.notAfter).toEqual(first.issuing.notAfter);
  });

  it('that was interrupted anywhere is completed by the next one', async () => {
    const folder = ownFolder();
    const start = starting(folder);
    await start('signing', now);
    // Files in the order in which they are made; everything from one of them on is lost.
    const made = ['signing-root.key', 'signing-root.reserved', 'signing-root.cer'];
    const order = [...made, ...made.map((name) => name.replace('root', 'issuing'))];
    expect(readdirSync(folder).toSorted()).toEqual(order.toSorted());
    for (let kept = order.length - 1; kept >= 0; kept--) {
      for (const name of order.slice(kept)) rmSync(join(folder, name), { force: true });
      const { root, issuing } = await start('signing', now);
      expect(new X509Certificate(issuing.certificate).verify(new X509Certificate(root.certificate).publicKey)).toBe(
        true,
      );
      expect(readdirSync(folder).toSorted()).toEqual(order.toSorted());
    }
  });

  it('of two processes at once gives both the same authorities', async () => {
    const start = starting(ownFolder());
    const [one, two] = await Promise.all([start('client', now), start('client', now)]);
    expect(certificates(one)).toEqual(certificates(two));
  });
});

describe('an authority that is given', () => {
  const role = {
    id: 'given',
    places: { crlFolder: '', ocsp: '', certificate: '' },
    issues: [],
    lists: 'one',
    listsExpired: false,
  } as const;

  it('needs a chain that holds, of authorities, with the key of its first certificate', async () => {
    const { root, issuing } = await newHierarchy('signing', ownFolder(), now);
    const other = await newHierarchy('client', ownFolder(), now);
    const chain = [issuing.certificate, root.certificate];
    expect(openAuthority(role, chain, issuing.signer, now).name.equals(issuing.name)).toBe(true);
    const open =
      (...args: Parameters<typeof openAuthority>) =>
      () =>
        openAuthority(...args);
    expect(open(role, [], issuing.signer, now)).toThrow('no certificate');
    expect(open(role, chain, other.issuing.signer, now)).toThrow('does not belong');
    expect(open(role, [issuing.certificate], issuing.signer, now)).toThrow('not signed by the next');
    expect(open(role, [issuing.certificate, other.root.certificate], issuing.signer, now)).toThrow(NoAuthority);
    expect(open(role, [issuing.certificate, root.certificate, other.root.certificate], issuing.signer, now)).toThrow(
      'certificate 1 of the chain is not signed',
    );
  });

  it('is none with a forged signature', async () => {
    const { root, issuing } = await newHierarchy('signing', ownFolder(), now);
    const forged = Buffer.from(issuing.certificate);
    forged[forged.length - 1]! ^= 1;
    expect(() => openAuthority(role, [forged, root.certificate], issuing.signer, now)).toThrow(
      'not signed by the next',
    );
  });

  it('is none with the certificate of somebody who may sign no certificates', async () => {
    const { root, issuing } = await newHierarchy('signing', ownFolder(), now);
    const keys = new KeyFiles(ownFolder(), memoryKeyWrap());
    const signer = await keys.openOrMake('responder', 'p-256');
    const order: IssueOrder = {
      issuanceId: 'responder',
      profile: 'ocsp-responder',
      subject: [
        ['country', 'JP'],
        ['organization', ORGANIZATION],
        ['commonName', 'OCSP'],
      ],
      spki: signer.spki,
      validity: daysFrom(now, 7),
    };
    const certificate = await issue(issuing, order, memoryRegister(), now);
    const chain = [certificate, issuing.certificate, root.certificate];
    expect(() => openAuthority(role, chain, signer, now)).toThrow("certificate 0 of the chain is no authority's");
  });

  it('must be valid now', async () => {
    const { root, issuing } = await newHierarchy('signing', ownFolder(), now);
    const chain = [issuing.certificate, root.certificate];
    const at = (ms: number) => () => openAuthority(role, chain, issuing.signer, new Date(ms));
    expect(at(issuing.notBefore.getTime())).not.toThrow();
    expect(at(issuing.notBefore.getTime() - 1)).toThrow('not valid now');
    expect(at(issuing.notAfter.getTime())).not.toThrow();
    expect(at(issuing.notAfter.getTime() + 1000)).toThrow('not valid now');
  });
});
