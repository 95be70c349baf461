import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openHierarchy } from '../../src/pki/authorities/hierarchies.js';
import { localSigner } from '../../src/pki/keys/local-signer.js';
import { newKeyPair } from '../../src/pki/keys/key-kinds.js';
import { termOf } from '../../src/pki/profiles/term.js';
import { Pki } from '../../src/platform/pki/pki.js';
import { type Issuance, startIssuance } from '../kit/issuance.js';
import { ownFolder } from '../kit/own-folder.js';
import { memoryRegister, ORGANIZATION, writePem } from '../kit/pki.js';
import { BILLING, Purchases, quantities } from '../kit/purchases.js';
import type { RunningService } from '../kit/service.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

let running: RunningService;
let site: Issuance;
/** Authorities that a company brings along, made eight years ago: the issuing one has two years left. */
beforeAll(async () => {
  const folder = ownFolder();
  const keyFile = join(folder, 'issuing.key');
  const openOrMake = async (keyId: string) => {
    const { pkcs8 } = await newKeyPair('p-256');
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    if (keyId === 'signing-issuing')
      writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    return localSigner(keyId, key);
  };
  const made = { organization: ORGANIZATION, publicBase: 'http://pki.example.com', register: memoryRegister() };
  const now = new Date(Date.now() - 8 * YEAR_MS);
  const { issuing, root } = await openHierarchy('signing', { ...made, keys: { openOrMake }, now });
  const chain = writePem(folder, 'chain.pem', 'CERTIFICATE', issuing.certificate, root.certificate);
  ({ running, site } = await startIssuance({ PKI_CHAIN_FILE: chain, PKI_KEY_FILE: keyFile }));
}, 120_000);
afterAll(() => running.stop());

const notAvailable = (years: number) => ({ status: 422, body: { code: 'TERM_NOT_AVAILABLE', params: { years } } });

describe('an authority that ends before what it would issue', () => {
  it('EC-18 sells no tickets of such a term, and goes on with shorter ones', async () => {
    const buyer = await new Purchases(running).begun();
    await buyer.open();
    await buyer.choose();
    const wanted = (...numbers: [number, number, number]) => buyer.enter({ ...BILLING, ...quantities(...numbers) });
    expect(await wanted(0, 0, 1)).toMatchObject(notAvailable(3));
    expect(await wanted(1, 1, 0)).toMatchObject(notAvailable(2));
    expect(await wanted(1, 0, 0)).toMatchObject({ status: 200 });
  });

  it('EC-31 takes no application with such a ticket: better then than at the end of the review', async () => {
    const asked = async (termYears: number) => {
      const ticket = await site.ticket('EX001', termYears);
      const begun = await site.agree();
      const data = begun.applicant(ticket);
      return begun.confirm({ ...data, mailRepeat: data.mail, ...(await site.picture()) });
    };
    expect(await asked(3)).toMatchObject(notAvailable(3));
    expect(await asked(1)).toMatchObject({ status: 200 });
  });

  it('is told at the start and in the metrics, with the time that is left', async () => {
    expect(running.logged()).toContain('"years":[2,3]');
    const { body } = await running.browser().get('/metrics');
    const [, seconds] = /shomei_authority_ends_seconds\{authority="signing"\} (\d+)/.exec(body as string)!;
    expect(Number(seconds) * 1_000).toBeLessThan(2 * YEAR_MS + 4 * DAY_MS);
    expect(Number(seconds) * 1_000).toBeGreaterThan(2 * YEAR_MS - DAY_MS);
  });

  it('is seen thirty days ahead, to the second', () => {
    const { authorities } = running.service.app.get(Pki);
    const { notAfter } = authorities.issuing('signing');
    // Certificates end with the last second of a day in Japan: of all moments of the last day that would do, the latest.
    const ahead = (ms: number) => new Date(ms - 30 * DAY_MS);
    const lastDay = Math.floor((notAfter.getTime() + 1_000 + 9 * 3_600_000) / DAY_MS) * DAY_MS - 9 * 3_600_000;
    const [year, rest] = [new Date(lastDay + 9 * 3_600_000).getUTCFullYear(), new Date(lastDay + 9 * 3_600_000)];
    const lastIssue = Date.UTC(year - 1, rest.getUTCMonth(), rest.getUTCDate() + 1) - 9 * 3_600_000 - 1;
    expect(termOf(new Date(lastIssue), 1).notAfter.getTime()).toBeLessThanOrEqual(notAfter.getTime());
    expect(authorities.isLastingFor(1, ahead(lastIssue))).toBe(true);
    expect(authorities.isLastingFor(1, ahead(lastIssue + 1))).toBe(false);
  });
});
