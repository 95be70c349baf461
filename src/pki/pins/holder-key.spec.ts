import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { COMPANY, memoryKeyWrap, memoryRegister, newHierarchy } from '../../../test/kit/pki.js';
import { issue, type IssueOrder } from '../certificates/issue.js';
import { readRequest } from '../certificates/request.js';
import { localSigner } from '../keys/local-signer.js';
import { verifies } from '../keys/signature-algorithm.js';
import type { DistinguishedName } from '../names.js';
import { commonNameOf } from '../profiles/display-name.js';
import { termOf } from '../profiles/term.js';
import { makeHolderKey, type HolderKey } from './holder-key.js';
import { Pin } from './pin.js';
import { withOpenKey } from './sealed-key.js';

const approvedAt = new Date('2026-07-03T02:00:00Z');
const issuedAt = new Date('2026-07-08T03:00:00Z');
const folder = ownFolder();
const keyWrap = memoryKeyWrap();
const subject: DistinguishedName = [
  ['country', 'JP'],
  ['organization', COMPANY],
  ['surname', '見本'],
  ['givenName', '太郎'],
  ['commonName', commonNameOf('Mihon.Taro')],
];
let made: HolderKey;

beforeAll(async () => {
  const pin = Pin.parse('Abcd1234Efgh')!;
  made = await makeHolderKey(keyWrap, { applicationId: 'app-1', subject, pin });
  pin.forget();
});

describe('from approval to the first signature', () => {
  it('the certificate is issued days later without the PIN, and the PIN opens the key that it certifies (EC-56)', async () => {
    const request = readRequest(made.request);
    expect(request).toMatchObject({ keyKind: 'rsa-3072', commonName: 'BN-Mihon.Taro' });
    const { issuing } = await newHierarchy('signing', folder, approvedAt);
    const order: IssueOrder = {
      issuanceId: 'app-1',
      profile: 'personal-signing',
      subject,
      spki: request.spki,
      validity: termOf(issuedAt, 3),
    };
    const certificate = new X509Certificate(await issue(issuing, order, memoryRegister(), issuedAt));
    expect(certificate.validToDate).toEqual(new Date('2029-07-07T14:59:59Z'));
    expect(certificate.subject).toContain('CN=BN-Mihon.Taro');
    const data = randomBytes(32);
    const signature = await withOpenKey(keyWrap, 'app-1', made.sealedKey, Pin.parse('Abcd1234Efgh')!, (pkcs8) => {
      const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
      expect(certificate.checkPrivateKey(key)).toBe(true);
      return localSigner('app-1', key).sign(data);
    });
    expect(verifies('RSA-SHA256', made.spki, data, signature)).toBe(true);
  });

  it('leaves the PIN in nothing that is kept', () => {
    for (const kept of [made.request, made.sealedKey]) expect(kept.includes('Abcd1234Efgh')).toBe(false);
  });
});
