import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen } from '../../kit/describe-when.js';
import { PDF, SITE } from '../../kit/issuance.js';
import { hasTool, runTool } from '../../kit/outside-tools.js';
import { ownFolder } from '../../kit/own-folder.js';
import { pause } from './people.js';
import { goOn } from './plans.js';
import { DAY_MS, HOUR_MS, QUARTER_MS, type Reserved, World } from './world.js';

/**
 * The service is killed with -9 while each application stands still at a place of its own, as if a disk, a key or a
 * line took for ever just there. The issuances, with what verifiers hear of their serials at that moment:
 */
const ISSUANCES = {
  'serial reserved': 'unknown',
  signed: 'unknown',
  kept: 'good',
  'after certificates.RecordIssuance': 'good',
  'before applications.RecordCertificateIssued': 'good',
  'before tickets.ConsumeTicket': 'good',
} as const;
const places = Object.keys(ISSUANCES) as (keyof typeof ISSUANCES)[];
const UPLOADS = ['before applications.AttachIdentityDocument', 'after applications.AttachIdentityDocument'] as const;

const UPLOADED = 'applications.IdentityDocumentUploaded';

type Standing = Readonly<{ applicationId: string; place: string; what: string }>;
type TicketFacts = Readonly<{ ticketId: string; status: string }>;

const folder = ownFolder();
const file = (name: string) => join(folder, name);
let world: World;
let tickets: string[];
let ids: string[];
let uploaders: string[];
let documents: string[];
/** As it stood at the moment of the kill. */
let told: (string | undefined)[];
let before: Reserved[];

const publicPki = async (path: string) => new URL(`/pki/${path}`, (await world.running()).ready.url).href;
const trust = async () => {
  for (const name of ['signing', 'signing-root']) {
    const answer = await fetch(await publicPki(`certificates/${name}.pem`));
    writeFileSync(file(`${name}.pem`), await answer.text());
  }
};
/** What a program that is not ours is told, whoever holds which bytes. */
const statusOf = async (serial: string) => {
  const issuing = file('signing.pem');
  const chain = ['-CAfile', file('signing-root.pem'), '-verify_other', issuing, '-issuer', issuing];
  const url = await publicPki('ocsp/signing');
  // The service's time is moved in here, that of the asker is not.
  const whenever = ['-no_check_time', '-validity_period', String(DAY_MS)];
  const asked = ['ocsp', ...chain, ...whenever, '-serial', `0x${serial}`, '-url', url];
  const { output } = await runTool('openssl', asked);
  expect(output).toContain('Response verify OK');
  return /: (good|revoked|unknown)/.exec(output)?.[1];
};
const statuses = (entries: readonly Reserved[]) => Promise.all(entries.map(({ serial }) => statusOf(serial)));
const inRegister = () =>
  ids.map((id) => {
    const [entry, ...more] = world.register().filter(({ applicationId }) => applicationId === id);
    expect(more).toEqual([]);
    return entry!;
  });
const countOf = async (stream: string, type: string) =>
  (await world.read(stream)).filter((event) => event.type === type).length;
const stand = (applicationId: string, place: string) => world.asked((it) => it.do('stand', { applicationId, place }));
const standing = () => world.asked((it) => it.do<Standing[]>('standing', null));

const hasOpenssl = hasTool('openssl', 'version');

beforeAll(async () => {
  world = await World.begin(ownFolder());
  tickets = await world.tickets(places.length + UPLOADS.length);
  if (hasOpenssl) await trust();
  const verified = { type: 'agent', until: 'verified' } as const;
  const registered = { type: 'agent', until: 'registered' } as const;
  const upTo = (n: number) => goOn(world, n < places.length ? verified : registered, tickets[n]!, n);
  const all = await Promise.all(tickets.map((_, n) => upTo(n)));
  ids = all.slice(0, places.length);
  uploaders = all.slice(places.length);
  for (const [n, place] of [...places, ...UPLOADS].entries()) await stand(all[n]!, place);
  for (const id of ids) await world.staff.does(`back-office/applications/${id}/issuance`);
  for (const [n, id] of uploaders.entries()) {
    const token = await world.linkTo(`agent.${places.length + n}@example.com`, id);
    const headers = { 'x-link-token': token, 'content-type': 'application/pdf' };
    const { ready } = await world.running();
    const path = `${ready.url}/${SITE}/applications/${id}/identity-document?fileName=card.pdf`;
    fetch(path, { method: 'POST', headers, body: new Uint8Array(PDF) }).catch(() => undefined);
  }
  while ((await standing()).length < all.length) await pause(50);
  const stood = await standing();
  documents = uploaders.map((id) => stood.find(({ applicationId }) => applicationId === id)!.what);
  before = inRegister();
  told = hasOpenssl ? await statuses(before) : [];
  await world.killed();
}, 300_000);
afterAll(() => world.end());

describe('an upload that was killed when its last byte had come', () => {
  const lies = () => documents.map((id) => world.vaultEntries(id).length > 0);

  it('EC-45 is gone with the next upload an hour later; what was recorded stays', async () => {
    expect(await Promise.all(uploaders.map((id) => countOf(`application-${id}`, UPLOADED)))).toEqual([0, 1]);
    expect(lies()).toEqual([true, true]);
    await world.passes(HOUR_MS + QUARTER_MS);
    const token = await world.linkTo(`agent.${places.length}@example.com`, uploaders[0]!);
    const headers = { 'x-link-token': token, 'content-type': 'application/pdf' };
    await world
      .person()
      .does(`${SITE}/applications/${uploaders[0]!}/identity-document?fileName=card.pdf`, PDF, headers);
    expect(lies()).toEqual([false, true]);
  }, 120_000);
});

describeWhen(hasOpenssl, 'what verifiers hear of an issuance that stands still (needs openssl)', () => {
  it('EC-56 verifies as good from the moment it is kept, and not before', () =>
    expect(places.map((place, n) => [place, told[n]])).toEqual(Object.entries(ISSUANCES)));
});

describe('a certificate whose issuing process was killed', () => {
  it('EC-56 is one certificate afterwards, with the serial it had, and its bytes if it had any', async () => {
    const after = inRegister();
    expect(after.map(({ serial }) => serial)).toEqual(before.map(({ serial }) => serial));
    for (const [n, { certificate }] of after.entries())
      expect([places[n], certificate]).toEqual([places[n], before[n]!.certificate ?? expect.any(String)]);
    if (hasOpenssl) expect(await statuses(after)).toEqual(places.map(() => 'good'));
    for (const [n, id] of ids.entries()) {
      const events = await world.read(`application-${id}`);
      const issued = events.filter(({ type }) => type === 'applications.CertificateIssued');
      expect(issued.map(({ data }) => data['serial'])).toEqual([before[n]!.serial]);
      const stream = `certificate-${issued[0]!.data['certificateId']}`;
      expect(await countOf(stream, 'certificates.CertificateIssued')).toBe(1);
      const ticket = await world.asked((it) => it.do<TicketFacts>('ticketByNumber', tickets[n]!));
      expect(ticket.status).toBe('consumed');
      expect(await countOf(`ticket-${ticket.ticketId}`, 'tickets.TicketConsumed')).toBe(1);
    }
  }, 60_000);

  it('EC-58, EC-59 is told to its people once, and becomes usable once', async () => {
    await world.passes(10 * DAY_MS);
    for (const id of ids) {
      expect(await countOf(`application-${id}`, 'applications.CertificateActivated')).toBe(1);
      expect(await countOf(`application-${id}`, 'applications.IssuanceCompletedNoticeSent')).toBe(2);
    }
    const mails = world.sink.taken.filter(({ mail }) => mail.subject?.includes('発行完了'));
    expect(new Set(mails.map(({ mail }) => mail.messageId)).size).toBe(2 * places.length);
  }, 120_000);
});
