import { certificateIdOf, withdrawIssuance } from '../../src/contexts/certificates/messages.js';
import { serialOf } from '../../src/pki/authorities/authority.js';
import { holderKeyIdOf } from '../../src/platform/pki/holder-keys.js';
import { Pki } from '../../src/platform/pki/pki.js';
import { Vault } from '../../src/platform/vault/vault.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AGENT_MAIL,
  type Begun,
  HOLDER_MAIL,
  type Issuance,
  orderedBy,
  PDF,
  startIssuance,
  type Ticket,
} from '../kit/issuance.js';
import type { Answer, Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { done, type Partners, registrant } from '../kit/partners.js';
import type { RunningService } from '../kit/service.js';
import { colleague } from '../kit/staff.js';
import { approved as keyed, issuedFor, sendAsSystem } from '../kit/certificates.js';
import { vaultEntries } from '../kit/vault-entries.js';

let running: RunningService;
let partners: Partners;
let site: Issuance;
let staff: Browser;
let ticket: Ticket;
let begun: Begun;
beforeAll(async () => {
  ({ running, partners, site } = await startIssuance());
}, 60_000);
beforeEach(async () => {
  // Days pass in these tests; a login does not last as long.
  staff = await running.staff();
  ticket = await site.ticket();
  ({ begun } = await site.approved(ticket));
});
afterAll(() => running.stop());

const item = () => `back-office/applications/${begun.id}`;
const act = (step: string, body?: object): Promise<Answer> => staff.post(`${item()}/${step}`, body);
const look = () => staff.get(`${item()}/identity-document`);
const historyOf = (id: string) => running.service.events.read(`application-${id}`);
const typesOf = async () => (await historyOf(begun.id)).map(({ type }) => type.split('.')[1]);
const seen = async () => {
  await running.clock.settled();
  return (await staff.get(item())).body;
};
const mailsSince = async (to: string, count: number) => (await running.mailbox(to)).slice(count);
const mailCount = async (to: string) => (await running.mailbox(to)).length;

describe('the queue', () => {
  it('EC-56 shows what waits, since when, until when, and what can be done', async () => {
    await running.clock.settled();
    const { body } = await staff.get('back-office/applications?status=UnderReview&limit=100');
    const mine = body.items.find(({ id }: { id: string }) => id === begun.id);
    expect(mine).toMatchObject({
      status: 'UnderReview',
      what: '3-year signing certificate',
      companyCode: 'EX001',
      holder: { userId: 'A1000101', name: '見本 太郎' },
      overdue: false,
      actions: ['startReview'],
    });
    expect(Date.parse(mine.due)).toBeGreaterThan(Date.parse(mine.waitingSince));
    expect(JSON.stringify(body)).not.toContain(ticket.number);
  });

  it('EC-56 is for staff, and pages', async () => {
    for (const path of ['back-office/applications', item(), `${item()}/identity-document`])
      expect(await site.browser.get(path)).toMatchObject({ status: 401 });
    await running.clock.settled();
    const first = await staff.get('back-office/applications?limit=1');
    const second = await staff.get(`back-office/applications?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body.items[0]?.id).not.toBe(first.body.items[0].id);
    expect(await staff.get('back-office/applications?status=Nonsense')).toMatchObject({ status: 400 });
  });

  it('EC-56 after five business days it is flagged as overdue, and nothing is cancelled', async () => {
    const due = new Date((await seen()).due);
    await running.clock.standAt(new Date(due.getTime() - 1));
    staff = await running.staff();
    expect((await staff.get(item())).body.overdue).toBe(false);
    await running.clock.standAt(due);
    expect((await staff.get(item())).body.overdue).toBe(true);
    expect(await typesOf()).not.toContain('ReviewOverdue');
    await running.clock.advance('1m');
    staff = await running.staff();
    expect((await typesOf()).filter((type) => type === 'ReviewOverdue')).toHaveLength(1);
    const overdue = await staff.get('back-office/applications?overdue=true&limit=100');
    expect(overdue.body.items.map(({ id }: { id: string }) => id)).toContain(begun.id);
    expect(await act('review')).toMatchObject({ status: 201 });
  });
});

describe('the review', () => {
  it('EC-56 shows the data beside the user record, and every look at the document is recorded', async () => {
    expect(await act('review')).toMatchObject({ status: 201 });
    expect(await seen()).toMatchObject({
      applicantMail: AGENT_MAIL,
      details: { familyName: '見本', displayName: 'Mihon.Taro' },
      compared: { userExists: true, isSigner: true, mailIsTheUsers: true },
      identityDocument: { fileName: 'card.pdf', mediaType: 'application/pdf', sizeBytes: PDF.length },
      actions: ['viewIdentityDocument', 'return'],
    });
    const scan = await staff.get(`${item()}/identity-document`);
    expect([scan.status, scan.headers['content-type'], scan.body]).toEqual([200, 'application/pdf', PDF.toString()]);
    const looked = (await historyOf(begun.id)).at(-1)!;
    expect(looked).toMatchObject({
      type: 'applications.IdentityDocumentViewed',
      metadata: { actor: { kind: 'backOffice' } },
    });
    expect((looked.data as { viewerId: string }).viewerId).toBe(looked.metadata.actor.id);
    expect((await seen()).actions).toEqual(['verifyIdentity', 'return']);
  });

  it('EC-56 is by somebody who has seen the paper: that a colleague has looked is not enough', async () => {
    const { browser: other } = await colleague(running, staff, 'staff');
    expect(await act('review')).toMatchObject({ status: 201 });
    const refused = { status: 422, body: { code: 'IDENTITY_DOCUMENT_NOT_SEEN' } };
    expect(await act('identity-verification')).toMatchObject(refused);
    expect(await other.get(`${item()}/identity-document`)).toMatchObject({ status: 200 });
    expect(await act('identity-verification')).toMatchObject(refused);
    expect((await seen()).actions).toEqual(['viewIdentityDocument', 'return']);
    expect((await other.get(item())).body.actions).toEqual(['verifyIdentity', 'return']);
    expect(await typesOf()).not.toContain('IdentityVerified');
    expect(await staff.get(`${item()}/identity-document`)).toMatchObject({ status: 200 });
    expect(await act('identity-verification')).toMatchObject({ status: 201 });
    // What was refused is recorded beside the answer, which does not wait for it.
    const refusals = async () => {
      const { body } = await staff.get('back-office/history?result=refused&limit=100');
      const lines = body.items as { code: string }[];
      return lines.filter((line) => JSON.stringify(line).includes(begun.id)).map(({ code }) => code);
    };
    const told = await eventually(refusals, (codes) => codes.length > 1);
    expect(told).toEqual(['IDENTITY_DOCUMENT_NOT_SEEN', 'IDENTITY_DOCUMENT_NOT_SEEN']);
  });

  it('EC-56 goes step by step', async () => {
    for (const step of ['identity-verification', 'issuance']) expect(await act(step)).toMatchObject({ status: 409 });
    expect(await act('return', { reason: 'blurred' })).toMatchObject({ status: 409 });
    expect(await act('review')).toMatchObject({ status: 201 });
    for (const step of ['review', 'issuance']) expect(await act(step)).toMatchObject({ status: 409 });
    expect(await look()).toMatchObject({ status: 200 });
    expect(await act('identity-verification')).toMatchObject({ status: 201 });
    expect(await act('identity-verification')).toMatchObject({ status: 409 });
    expect((await seen()).actions).toEqual(['issue', 'return']);
  });

  it('EC-57 what cannot be read goes back: the ticket is free, the applicant is asked to apply again', async () => {
    const before = await mailCount(AGENT_MAIL);
    await act('review');
    expect(await act('return', { reason: '' })).toMatchObject({ status: 400 });
    expect(await act('return', { reason: '名刺の画像が不鮮明です。' })).toMatchObject({ status: 200 });
    const [mail, ...more] = await mailsSince(AGENT_MAIL, before);
    expect(more).toEqual([]);
    expect(mail!.subject).toContain('再申請');
    expect(mail!.text).toContain('名刺の画像が不鮮明です。');
    expect(await typesOf()).toEqual(expect.arrayContaining(['ApplicationReturned', 'ReapplicationRequestSent']));
    expect(await site.ticketState(ticket)).toBe('unused');
    expect((await begun.status(10)).body).toMatchObject({ status: 'Returned', reason: '名刺の画像が不鮮明です。' });
    for (const step of ['review', 'identity-verification', 'issuance'])
      expect(await act(step)).toMatchObject({ status: 409 });
    expect((await site.register(ticket)).version).toBeGreaterThan(0);
  });

  it('EC-57 the key that will never be certified is forgotten', async () => {
    const keys = async () => (await vaultEntries(running)).filter(({ purpose }) => purpose === 'holder-key').length;
    const before = await keys();
    await act('review');
    await act('return', { reason: 'blurred' });
    await running.clock.settled();
    expect(await keys()).toBe(before - 1);
  });

  it('EC-54, EC-57 what an approval left behind that died on the way goes, the key that counts stays until the end', async () => {
    const keysOf = async () => {
      const entries = await vaultEntries(running);
      return entries.filter(({ entry_id }) => entry_id.startsWith(begun.id)).map(({ entry_id }) => entry_id);
    };
    const leave = (keyId: string) =>
      running.service.app.get(Vault).put(keyId, 'holder-key', Buffer.from('{}'), running.clock.now());
    await running.clock.settled();
    const named = await keysOf();
    expect(named).toHaveLength(1);
    await leave(holderKeyIdOf(begun.id, 'an approval that died'));
    await orderedBy(staff, begun.id);
    await running.clock.settled();
    expect(await keysOf()).toEqual(named);
    const own = await site.submitted(await site.ticket());
    begun = own.begun;
    await leave(holderKeyIdOf(begun.id, 'an approval that died'));
    expect(await keysOf()).toHaveLength(1);
    expect((await own.holder.reject()).status).toBe(200);
    await running.clock.settled();
    expect(await keysOf()).toEqual([]);
  });

  it('EC-45 the document can be deleted when all is decided; its digest stays recorded', async () => {
    expect(await staff.delete(`${item()}/identity-document`)).toMatchObject({ status: 409 });
    await act('review');
    await act('return', { reason: 'blurred' });
    expect(await staff.delete(`${item()}/identity-document`)).toMatchObject({ status: 200 });
    await running.clock.settled();
    const uploaded = (await historyOf(begun.id)).find(({ type }) => type.endsWith('IdentityDocumentUploaded'))!;
    const { documentId, sha256 } = uploaded.data as { documentId: string; sha256: string };
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await vaultEntries(running, documentId)).toEqual([]);
    expect(await staff.get(`${item()}/identity-document`)).toMatchObject({ status: 404 });
    expect(await staff.delete(`${item()}/identity-document`)).toMatchObject({ status: 404 });
  });
});

describe('the issuance', () => {
  const issued = async () => {
    await orderedBy(staff, begun.id);
    await running.clock.settled();
    return staff.get(item());
  };

  it('EC-56 the certificate is issued for the term of the ticket, and the ticket is spent', async () => {
    expect((await issued()).body.status).toBe('Issued');
    const event = (await historyOf(begun.id)).find(({ type }) => type === 'applications.CertificateIssued')!;
    const { serial, notBefore, notAfter } = event.data as { serial: string; notBefore: string; notAfter: string };
    expect(serial).toMatch(/^[0-9a-f]{30,40}$/i);
    const years =
      new Date(Date.parse(notAfter) + 1_000 + 9 * 3_600_000).getUTCFullYear() - new Date(notBefore).getUTCFullYear();
    expect(years).toBe(3);
    expect(await site.ticketState(ticket)).toBe('consumed');
    expect(await act('return', { reason: 'too late' })).toMatchObject({ status: 409 });
    expect((await begun.status(12)).body.certificate).toMatchObject({ notAfter: expect.any(String) });
  });

  it('EC-58 the mail goes to both, to each once', async () => {
    const before = [await mailCount(AGENT_MAIL), await mailCount(HOLDER_MAIL)] as const;
    await issued();
    for (const mails of [await mailsSince(AGENT_MAIL, before[0]), await mailsSince(HOLDER_MAIL, before[1])])
      expect(mails.map(({ subject }) => subject)).toEqual([expect.stringContaining('発行完了のお知らせ')]);
    expect((await mailsSince(HOLDER_MAIL, before[1]))[0]!.text).toContain('翌々営業日');
    expect((await typesOf()).filter((type) => type === 'IssuanceCompletedNoticeSent')).toHaveLength(2);
  });

  it('EC-58 in person it is one mail', async () => {
    const own = await site.linked(await site.ticket(), { applicantType: 'self', mail: HOLDER_MAIL });
    await own.visitor.apply();
    await own.visitor.approve();
    begun = own.begun;
    const before = await mailCount(HOLDER_MAIL);
    await running.clock.settled();
    const accepted = await mailCount(HOLDER_MAIL);
    await issued();
    expect((await mailsSince(HOLDER_MAIL, Math.max(before, accepted))).map(({ subject }) => subject)).toEqual([
      expect.stringContaining('発行完了のお知らせ'),
    ]);
    expect((await typesOf()).filter((type) => type === 'IssuanceCompletedNoticeSent')).toHaveLength(1);
  });

  it('EC-25 a spent ticket is never usable again', async () => {
    await issued();
    const rival = await site.agree();
    const data = rival.applicant(ticket);
    const answer = await rival.confirm({ ...data, mailRepeat: data.mail, ...(await site.picture()) });
    expect(answer).toMatchObject({ status: 422, body: { code: 'TICKET_NOT_USABLE' } });
  });
});

describe('the holder is not who was named any more', () => {
  const mail = 'director@example.com';
  const director = (over: object = {}) => ({ ...registrant(mail, ['SIGNER']), ...over });
  /** Submitted for the user A1000103, and approved at the address that this user had. */
  const approvedFor = async () => {
    const administrator = await partners.as('A1000101');
    done(await administrator.post('e-contract/users', director({ userId: 'A1000103' })));
    const own = await site.linked(ticket);
    await own.visitor.apply({ holderUserId: 'A1000103', holderMail: mail });
    const holder = await site.visitorFrom(mail, own.begun.id);
    expect(await holder.approve()).toMatchObject({ status: 200 });
    ({ begun } = own);
    return administrator;
  };
  const ordered = async () => {
    await orderedBy(staff, begun.id);
    return seen();
  };

  beforeEach(async () => {
    ticket = await site.ticket();
  });
  afterEach(async () => {
    done(await (await partners.as('A1000101')).delete('e-contract/users/A1000103'));
  });

  it('EC-59, EC-68 the user ID belongs to another person now: nothing is issued, and the review has it back', async () => {
    const administrator = await approvedFor();
    done(await administrator.delete('e-contract/users/A1000103'));
    done(await administrator.post('e-contract/users', director({ userId: 'A1000103', mail: 'successor@example.com' })));
    expect(await ordered()).toMatchObject({ status: 'UnderReview', actions: ['issue', 'return'] });
    expect((await seen()).compared).toMatchObject({ userExists: false, isSigner: false });
    // The notice that it came in may be recorded before or after.
    expect(await historyOf(begun.id)).toContainEqual(
      expect.objectContaining({
        type: 'applications.IssuanceFailed',
        data: expect.objectContaining({ cause: 'HolderChanged' }) as unknown,
      }),
    );
    const { body } = await staff.get('back-office/certificates?holderUserId=A1000103');
    expect(body.items).toEqual([]);
    // An order repeated is an order refused again; what is left is to give it back.
    expect(await act('issuance')).toMatchObject({ status: 202 });
    expect((await seen()).status).toBe('UnderReview');
    expect(await site.ticketState(ticket)).toBe('reserved');
    expect(await act('return', { reason: 'The holder has left the company.' })).toMatchObject({ status: 200 });
    await running.clock.settled();
    expect(await site.ticketState(ticket)).toBe('unused');
  });

  it('EC-56, EC-57 made and not recorded when the holder had changed: with the return of the application it is revoked', async () => {
    const administrator = await approvedFor();
    const { register, authorities } = running.service.app.get(Pki);
    const keep = register.keep.bind(register);
    let certificate: Buffer | undefined;
    // As if the process had been killed just then; meanwhile the holder leaves.
    register.keep = async (...kept) => {
      register.keep = keep;
      certificate = await keep(...kept);
      done(await administrator.delete('e-contract/users/A1000103'));
      done(await administrator.post('e-contract/users', director({ userId: 'A1000103', mail: 'heir@example.com' })));
      throw new Error('killed');
    };
    await orderedBy(staff, begun.id);
    await running.clock.advance('1m');
    staff = await running.staff();
    expect(await seen()).toMatchObject({ status: 'UnderReview', actions: ['issue', 'return'] });
    const authorityId = authorities.issuing('signing').id;
    const status = () => register.statusOf(authorityId, serialOf(certificate!));
    expect(await status()).toEqual({ kind: 'good' });
    const { body } = await staff.get('back-office/certificates?holderUserId=A1000103');
    expect(body.items).toEqual([]);
    expect(await act('return', { reason: 'The holder has left the company.' })).toMatchObject({ status: 200 });
    await running.clock.settled();
    expect(await status()).toMatchObject({ kind: 'revoked', reason: 'cessationOfOperation' });
    const [withdrawn, ...more] = await running.service.events.read(`certificate-${certificateIdOf(begun.id)}`);
    expect(more).toEqual([]);
    expect(withdrawn).toMatchObject({
      type: 'certificates.IssuanceWithdrawn',
      data: { applicationId: begun.id, made: { serial: serialOf(certificate!) } },
    });
    // Whoever is still at it when that is decided leaves nothing that verifies, either.
    const late = await keyed(running);
    const about = { certificateId: certificateIdOf(late.applicationId), applicationId: late.applicationId };
    await sendAsSystem(running, withdrawIssuance({ ...about, authorityId, made: null }), 'A10001');
    await expect(issuedFor(running, late)).rejects.toThrow('cannot be recorded');
    const lost = (await register.kept(authorityId, late.applicationId))!;
    expect(await register.statusOf(authorityId, serialOf(lost))).toMatchObject({ kind: 'revoked' });
  });

  it('EC-38, EC-59 the holder is no signer any more: nothing is issued until that is mended', async () => {
    const administrator = await approvedFor();
    const roles = (...given: string[]) => administrator.put('e-contract/users/A1000103', director({ roles: given }));
    done(await roles('APPROVER'));
    expect(await ordered()).toMatchObject({ status: 'UnderReview', compared: { userExists: true, isSigner: false } });
    done(await roles('SIGNER'));
    expect(await act('issuance')).toMatchObject({ status: 202 });
    expect((await seen()).status).toBe('Issued');
    expect(await site.ticketState(ticket)).toBe('consumed');
  });
});
