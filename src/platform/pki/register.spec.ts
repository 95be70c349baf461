import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { newHierarchy } from '../../../test/kit/pki.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { serialOf } from '../../pki/authorities/authority.js';
import type { PublishedCrl } from '../../pki/revocation/publish-crl.js';
import type { Database } from '../sql/database.js';
import { SqlCrlShelf } from './crl-shelf.js';
import type { PkiTables } from './pki.js';
import { ALWAYS, CertificateRegister } from './register.js';

const now = new Date('2026-07-08T01:00:00.000Z');

onEveryDatabase('the register of certificates', (open) => {
  let database: Database<PkiTables>;
  let register: CertificateRegister;
  let certificate: Buffer;
  // Each database has keys of its own: what one hierarchy sealed, another cannot open.
  let folder: string;
  beforeAll(async () => {
    folder = ownFolder();
    database = await open();
    register = new CertificateRegister(database, { now: () => now });
    await register.prepare();
    certificate = (await newHierarchy('signing', folder, now)).issuing.certificate;
  });
  afterAll(() => database.close());
  const serialNumber = () => serialOf(certificate);
  const reserve = (issuanceId: string, serial: string, instead?: string) =>
    register.reserve({
      ...{ authorityId: 'ca', issuanceId, serial, body: Buffer.from(`body of ${serial}`) },
      ...(instead === undefined ? {} : { instead }),
    });
  const reserved = async (...args: Parameters<typeof reserve>) => {
    const answer = await reserve(...args);
    // A serial has its own body, whoever asks.
    if (answer) expect(answer.body.toString()).toBe(`body of ${answer.serial}`);
    return answer?.serial;
  };

  it('reserves a serial once, and answers the one that an issuance already has', async () => {
    expect(await reserved('a', serialNumber())).toBe(serialNumber());
    expect(await reserved('a', 'ff01')).toBe(serialNumber());
  });

  it('refuses a serial that belongs to another issuance', async () => {
    expect(await reserved('b', serialNumber())).toBeUndefined();
  });

  it('gives one serial to one issuance, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => reserved('c', `c${index}`)));
    expect(new Set(answers).size).toBe(1);
  });

  it('exchanges a serial that is given up, once, and for nothing that it is not', async () => {
    const given = await reserved('d', 'd0');
    expect(await reserved('d', 'd1', 'dd')).toBe(given);
    const answers = await Promise.all(['d2', 'd3', 'd4'].map((serial) => reserved('d', serial, given)));
    expect(new Set(answers).size).toBe(1);
    expect(['d2', 'd3', 'd4']).toContain(answers[0]);
    const givenUp = await database.write.selectFrom('certificate_serials_given_up').selectAll().execute();
    expect(givenUp).toMatchObject([{ authority_id: 'ca', serial: 'd0', issuance_id: 'd' }]);
  });

  it('knows nothing of a serial that is only reserved', async () => {
    expect(await register.statusOf('ca', serialNumber())).toEqual({ kind: 'unknown' });
    expect(await register.kept('ca', 'a')).toBeUndefined();
  });

  it('keeps the first certificate of an issuance', async () => {
    expect(await register.keep('ca', 'a', certificate)).toEqual(certificate);
    const other = (await newHierarchy('signing', `${folder}/other`, now)).issuing.certificate;
    expect(await register.keep('ca', 'a', other)).toEqual(certificate);
    expect(await register.statusOf('ca', serialNumber())).toEqual({ kind: 'good' });
    expect(await register.statusOf('another', serialNumber())).toEqual({ kind: 'unknown' });
  });

  it('refuses to keep what has no serial', async () => {
    await expect(register.keep('ca', 'nobody', certificate)).rejects.toThrow('no such serial');
    await expect(register.keep('ca', 'c', certificate)).rejects.toThrow('no such serial');
  });

  it('revokes once: the first date and reason stand', async () => {
    await register.revoke('ca', serialNumber(), now, 'keyCompromise');
    await register.revoke('ca', serialNumber(), new Date(0), 'superseded');
    expect(await register.statusOf('ca', serialNumber())).toEqual({
      kind: 'revoked',
      effectiveAt: now,
      reason: 'keyCompromise',
    });
  });

  it('lists what was revoked among the certificates of a period', async () => {
    const serials = async (from: string, until: string) => {
      const found = [];
      for await (const { serial } of register.revocations('ca', { from, until })) found.push(serial);
      return found;
    };
    expect(await serials('2026-07-01', '2026-10-01')).toEqual([serialNumber()]);
    expect(await serials(ALWAYS.from, ALWAYS.until)).toEqual([serialNumber()]);
    expect(await serials('2026-10-01', '2027-01-01')).toEqual([]);
    expect(await register.months('ca')).toEqual(['2026-07']);
  });
});

onEveryDatabase('the shelf of revocation lists', (open) => {
  const list = (number: bigint, text: string): PublishedCrl => {
    return { listName: 'l', number, thisUpdate: now, nextUpdate: now, der: Buffer.from(text) };
  };

  describe('of one name', () => {
    it('takes a list only if its number is higher', async () => {
      const database = await open();
      const shelf = new SqlCrlShelf(database);
      await shelf.prepare();
      expect(await shelf.latest('l')).toBeUndefined();
      expect(await shelf.put(list(1n, 'one'))).toBe(true);
      expect(await shelf.put(list(1n, 'again'))).toBe(false);
      expect(await shelf.put(list(2n, 'two'))).toBe(true);
      expect(await shelf.put(list(1n, 'late'))).toBe(false);
      expect(await shelf.latest('l')).toEqual(list(2n, 'two'));
      await database.close();
    });
  });
});
