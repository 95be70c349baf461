import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { COMPANY, memoryRegister, newHierarchy, type MemoryRegister } from '../../../test/kit/pki.js';
import { serialOf, type Authority } from '../authorities/authority.js';
import { newKeyPair } from '../keys/key-kinds.js';
import { ProfileViolation } from '../lint/lint.js';
import { termOf } from '../profiles/term.js';
import { issue, SignatureFault, type IssueOrder } from './issue.js';
import type { IssuanceRegister } from './serial.js';

const folder = ownFolder();
const now = new Date('2026-07-08T01:00:00Z');
let authority: Authority;
let order: IssueOrder;
let register: MemoryRegister;

beforeAll(async () => {
  authority = (await newHierarchy('signing', folder, now)).issuing;
  const { spki } = await newKeyPair('p-256');
  order = {
    issuanceId: 'application-1',
    profile: 'personal-signing',
    subject: [
      ['country', 'JP'],
      ['organization', COMPANY],
      ['commonName', 'BN-Mihon.Taro'],
    ],
    spki,
    validity: termOf(now, 3),
  };
});
beforeEach(() => {
  register = memoryRegister();
});

describe('issuing', () => {
  it('answers a certificate of the reserved serial, signed by the authority', async () => {
    const certificate = await issue(authority, order, register, now);
    const parsed = new X509Certificate(certificate);
    expect(serialOf(certificate)).toBe(register.serials.get('signing/application-1'));
    expect(parsed.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(parsed.validToDate).toEqual(new Date('2029-07-07T14:59:59Z'));
  });

  it('answers the same certificate when it is asked again, even long after', async () => {
    const first = await issue(authority, order, register, now);
    const again = await issue(authority, order, register, new Date('2026-12-01T00:00:00Z'));
    expect(again.equals(first)).toBe(true);
    expect(register.serials.size).toBe(1);
  });

  it('answers one certificate to two who ask at once', async () => {
    const [one, two] = await Promise.all([
      issue(authority, order, register, now),
      issue(authority, order, register, now),
    ]);
    expect(one.equals(two)).toBe(true);
    expect(register.serials.size).toBe(1);
  });

  it('goes on with the reserved serial after a crash between reserving and keeping', async () => {
    const crashing: IssuanceRegister = { ...register, keep: () => Promise.reject(new Error('crashed')) };
    await expect(issue(authority, order, crashing, now)).rejects.toThrow('crashed');
    const certificate = await issue(authority, order, register, now);
    expect(register.serials.size).toBe(1);
    expect(serialOf(certificate)).toBe(register.serials.get('signing/application-1'));
  });

  it('answers what another has kept between looking and reserving', async () => {
    const late: IssuanceRegister = {
      ...register,
      reserve: async (reservation) => {
        await issue(authority, order, register, now);
        // Kept, it lies there without its body.
        return { ...(await register.reserve(reservation))!, body: Buffer.alloc(0) };
      },
    };
    const certificate = await issue(authority, order, late, now);
    expect(certificate.equals(register.certificates.get('signing/application-1')!)).toBe(true);
    expect(register.serials.size).toBe(1);
  });

  describe('after a crash between signing and keeping', () => {
    const signed: Uint8Array[] = [];
    const watched = (): Authority => ({
      ...authority,
      signer: { ...authority.signer, sign: (tbs) => (signed.push(tbs), authority.signer.sign(tbs)) },
    });
    beforeEach(async () => {
      signed.length = 0;
      const crashing: IssuanceRegister = { ...register, keep: () => Promise.reject(new Error('crashed')) };
      await expect(issue(watched(), order, crashing, now)).rejects.toThrow('crashed');
    });
    const later = (ms: number) => new Date(now.getTime() + ms);

    it('signs the very bytes that were signed before, under the serial they have', async () => {
      const minute = later(60_000);
      await issue(watched(), { ...order, validity: termOf(minute, 3) }, register, minute);
      expect(signed).toHaveLength(2);
      expect(signed[1]).toEqual(signed[0]);
    });

    it.each([
      [
        'another name',
        {
          subject: [
            ['country', 'JP'],
            ['organization', COMPANY],
            ['commonName', 'BN-Mihon.Jiro'],
          ],
        },
        0,
      ],
      ['a time so much later that it would be dated back', {}, 3 * 86_400_000],
    ] as const)('takes another serial for %s', async (_, over, ms) => {
      const [before] = register.serials.values();
      const at = later(ms);
      const certificate = await issue(watched(), { ...order, ...over, validity: termOf(at, 3) }, register, at);
      expect(serialOf(certificate)).not.toBe(before);
      expect(serialOf(certificate)).toBe(register.serials.get('signing/application-1'));
      expect(new X509Certificate(certificate).validFromDate).toEqual(at);
    });
  });

  it('takes another serial when the first one belongs to another issuance, and gives up on the third', async () => {
    const refusing = (times: number): IssuanceRegister => {
      let left = times;
      return {
        ...register,
        reserve: (reservation) => (left-- > 0 ? Promise.resolve(undefined) : register.reserve(reservation)),
      };
    };
    await expect(issue(authority, order, refusing(2), now)).resolves.toBeDefined();
    await expect(issue(authority, { ...order, issuanceId: 'application-2' }, refusing(3), now)).rejects.toThrow(
      'refuses every serial',
    );
  });

  it('signs nothing and reserves nothing for an order outside its profile', async () => {
    let asked = 0;
    const watched: Authority = {
      ...authority,
      signer: {
        ...authority.signer,
        sign: (tbs) => {
          asked += 1;
          return authority.signer.sign(tbs);
        },
      },
    };
    const bad = { ...order, validity: termOf(now, 4) };
    const refusal = await issue(watched, bad, register, now).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ProfileViolation);
    expect((refusal as ProfileViolation).findings).toEqual([{ code: 'TERM' }]);
    expect((refusal as ProfileViolation).message).not.toContain('Mihon');
    expect([asked, register.serials.size]).toEqual([0, 0]);
  });

  it('hands out nothing that the key did not rightly sign', async () => {
    const faulty: Authority = {
      ...authority,
      signer: {
        ...authority.signer,
        sign: async (tbs) => {
          const signature = await authority.signer.sign(tbs);
          signature[signature.length - 1]! ^= 1;
          return signature;
        },
      },
    };
    await expect(issue(faulty, order, register, now)).rejects.toBeInstanceOf(SignatureFault);
    expect(register.certificates.size).toBe(0);
  });
});
