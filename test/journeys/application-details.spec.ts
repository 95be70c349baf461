import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UnnamedPapers } from '../../src/contexts/applications/unnamed-papers.js';
import { Commands } from '../../src/platform/commands/decided-by.js';
import type { Answer } from '../kit/browser.js';
import { entered } from '../kit/application-data.js';
import {
  AGENT_MAIL,
  type Begun,
  expectStatus,
  HOLDER_MAIL,
  type Issuance,
  PDF,
  startIssuance,
  type Ticket,
  type Visitor,
} from '../kit/issuance.js';
import { registrant } from '../kit/partners.js';
import type { RunningService } from '../kit/service.js';
import { vaultEntries } from '../kit/vault-entries.js';

let running: RunningService;
let site: Issuance;
let ticket: Ticket;
let begun: Begun;
let visitor: Visitor;
beforeAll(async () => {
  const started = await startIssuance();
  ({ running, site } = started);
  const { partners } = started;
  // Another partner of the same owner, whose company code is the same.
  await partners.company('B20001', 'Another Bridge Co.');
  await partners.office('B20001', null, [registrant('signer@b.example.com', ['GROUP_ADMINISTRATOR', 'SIGNER'])]);
}, 60_000);
const begin = async () => {
  ticket = await site.ticket();
  ({ begun, visitor } = await site.linked(ticket));
};
afterAll(() => running.stop());

const faults = ({ status, body }: Answer) => [
  status,
  ...body.errors.map(({ field, rule }: { field: string; rule: string }) => `${field}:${rule}`),
];
const code = ({ status, body }: Answer) => [status, body.code];
const typesOf = async () =>
  (await running.service.events.read(`application-${begun.id}`)).map(({ type }) => type.split('.')[1]);
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(200)]);
const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(200)]);
const TIFF = Buffer.concat([Buffer.from('49492a00', 'hex'), randomBytes(200)]);
const DOCX = Buffer.concat([Buffer.from('504b0304', 'hex'), randomBytes(200)]);
const PROGRAM = Buffer.concat([Buffer.from('MZ'), randomBytes(200)]);
const MEGABYTE = 1024 * 1024;

describe('the details page', () => {
  // Checking keeps nothing, so one application serves all of these.
  beforeAll(begin);

  it('EC-37 says whose data it is about, and that it cannot be changed later', async () => {
    const { body } = await visitor.click();
    expect(body.guidance.en).toMatch(/personal name.*holder's data.*cannot be changed later/s);
    expect(body.guidance.ja).toContain('後から変更できません');
    expect(body).toMatchObject({ applicantType: 'agent', termYears: 3, document: null });
  });

  it('EC-37 names exactly the one field that is missing, and records nothing', async () => {
    expectStatus(await visitor.upload(), 201);
    const before = await typesOf();
    expect(faults(await visitor.check({ givenNameKana: '' }))).toEqual([400, 'givenNameKana:required']);
    expect(faults(await visitor.submit({ givenNameKana: '' }))).toEqual([400, 'givenNameKana:required']);
    expect(await typesOf()).toEqual(before);
  });

  it('EC-37 all eleven items are required', async () => {
    await begin();
    const nothing = Object.fromEntries(Object.keys(entered()).map((field) => [field, '']));
    expect(faults(await visitor.check(nothing))).toEqual([
      400,
      ...Object.keys(entered()).map((field) => `${field}:required`),
    ]);
    for (const answer of [await visitor.check(), await visitor.submit()])
      expect(code(answer)).toEqual([422, 'IDENTITY_DOCUMENT_MISSING']);
  });

  it('EC-38 only a signer of the company may be holder', async () => {
    expectStatus(await visitor.upload(), 201);
    const another = await site.linked(await site.ticket(), { mail: 'other@example.com' });
    expectStatus(await another.visitor.upload(), 201);
    const over = { holderUserId: 'A1000102' };
    expect(code(await another.visitor.check(over))).toEqual([422, 'HOLDER_NOT_SIGNER']);
    expect(code(await another.visitor.submit(over))).toEqual([422, 'HOLDER_NOT_SIGNER']);
    expect(await visitor.check({ holderUserId: 'A1000101' })).toMatchObject({ status: 200 });
  });

  it.each([
    ['companyName', '見本橋梁建設株式会社 仙台支店', 'BRANCH_NAME_NOT_ALLOWED'],
    ['companyName', '見本橋梁建設株式会社　札幌営業所', 'BRANCH_NAME_NOT_ALLOWED'],
    ['companyNameKana', 'みほん', 'katakana'],
    ['companyNameKana', 'ﾐﾎﾝ', 'katakana'],
  ])('EC-39 %s %s is refused: %s', async (field, value, rule) =>
    expect(faults(await visitor.check({ [field]: value }))).toEqual([400, `${field}:${rule}`]),
  );

  it('EC-39 the company name alone is accepted', async () => {
    expectStatus(await visitor.upload(), 201);
    const { status, body } = await visitor.check({ companyName: ' 見本橋梁建設株式会社 ' });
    expect([status, body.details.companyName]).toEqual([200, '見本橋梁建設株式会社']);
  });

  it('EC-39 a name that no certificate can hold is refused where it is entered, with the characters', async () => {
    const long = '橋'.repeat(65);
    expect(faults(await visitor.check({ companyName: long }))).toEqual([400, 'companyName:maxLength']);
    for (const [companyName, characters] of [
      ['大\ufa1b株式会社', '\ufa1b (U+FA1B)'],
      ['見\u200b本\ue000株式会社', 'U+200B, U+E000'],
    ]) {
      const { status, body } = await visitor.submit({ companyName });
      expect([status, body.errors]).toEqual([
        400,
        [expect.objectContaining({ field: 'companyName', rule: 'certificateCharacters', characters })],
      ]);
      expect(body.errors[0].message).toContain(characters);
    }
    expectStatus(await visitor.upload(), 201);
    expect(await visitor.check({ companyName: long.slice(1) })).toMatchObject({ status: 200 });
  });

  it.each([
    ['familyName', '髙橋', '髙', '高橋'],
    ['familyName', '山﨑', '﨑', '山崎'],
    ['familyName', '渡邊', '邊', '渡辺'],
    ['givenName', '眞一', '眞', '真一'],
  ])('EC-40 %s %s: %s is an old form of %s', async (field, value, characters, suggestion) => {
    const answer = await visitor.check({ [field]: value });
    expect(answer.body.errors).toEqual([
      expect.objectContaining({ field, rule: 'OLD_FORM_GLYPH', characters, suggestion }),
    ]);
    expect(answer.body.errors[0].message).toContain(suggestion);
    expectStatus(await visitor.upload(), 201);
    expect(await visitor.check({ [field]: suggestion })).toMatchObject({ status: 200 });
  });

  it('EC-40 the kana are full-width katakana', async () =>
    expect(faults(await visitor.check({ familyNameKana: 'みほん', givenNameKana: 'Taro' }))).toEqual([
      400,
      'familyNameKana:katakana',
      'givenNameKana:katakana',
    ]));

  it("EC-41 the user ID is the holder's: not an unknown one, not the agent's", async () => {
    for (const holderUserId of ['A1000199', 'nobody', 'a1000101'])
      expect(code(await visitor.check({ holderUserId }))).toEqual([422, 'USER_ID_NOT_FOUND']);
    expect(code(await visitor.check({ holderUserId: 'A1000102' }))).toEqual([422, 'AGENT_USER_ID']);
  });

  it('EC-42 the mail address is not the agent’s', async () => {
    for (const holderMail of [AGENT_MAIL, AGENT_MAIL.toUpperCase()])
      expect(code(await visitor.check({ holderMail }))).toEqual([422, 'HOLDER_MAIL_IS_AGENT']);
    expectStatus(await visitor.upload(), 201);
    expect(await visitor.check({ holderMail: HOLDER_MAIL })).toMatchObject({ status: 200 });
  });

  it('EC-42 the mail address is one of the holder’s own: at no other one can anybody approve', async () => {
    expectStatus(await visitor.upload(), 201);
    const over = { holderMail: 'mine@example.com' };
    for (const answer of [await visitor.check(over), await visitor.summary(over), await visitor.submit(over)])
      expect(code(answer)).toEqual([422, 'HOLDER_MAIL_UNKNOWN']);
    expect(await typesOf()).not.toContain('IssuanceApplicationSubmitted');
  });

  it('EC-38, EC-41 a user of another partner of the same owner is nobody here', async () => {
    expectStatus(await visitor.upload(), 201);
    for (const holderMail of ['mine@example.com', 'signer@b.example.com']) {
      const over = { holderUserId: 'B2000101', holderMail };
      for (const answer of [await visitor.check(over), await visitor.summary(over), await visitor.submit(over)])
        expect(code(answer)).toEqual([422, 'USER_ID_NOT_FOUND']);
    }
    // Somebody who is no user of any partner may act for each of them, and the holder is asked as ever.
    const outside = await site.linked(await site.ticket(), { mail: 'scrivener@example.com' });
    expectStatus(await outside.visitor.upload(), 201);
    const named = { holderUserId: 'B2000101', holderMail: 'signer@b.example.com' };
    expect(await outside.visitor.check(named)).toMatchObject({ status: 200 });
    expect(code(await outside.visitor.check({ ...named, holderMail: 'mine@example.com' }))).toEqual([
      422,
      'HOLDER_MAIL_UNKNOWN',
    ]);
  });

  it.each([
    ['Mihon-Taro', 'certificateName'],
    ['Mihon Taro', 'certificateName'],
    ['MIHON.Taro', 'certificateName'],
    ['Ｍihon.Taro', 'halfWidth'],
    [`Mihon.T${'a'.repeat(55)}`, 'maxLength'],
  ])('EC-43 the display name %s is refused: %s', async (displayName, rule) =>
    expect(faults(await visitor.check({ displayName }))).toEqual([400, `displayName:${rule}`]),
  );

  it('EC-43 the display name with its prefix becomes the common name, up to 64 characters', async () => {
    expectStatus(await visitor.upload(), 201);
    for (const displayName of ['Mihon.Taro', 'Mihon.Taro(2)', `Mihon.T${'a'.repeat(54)}`]) {
      const { status, body } = await visitor.check({ displayName });
      expect([status, body.commonName]).toEqual([200, `BN-${displayName}`]);
      expect([...body.commonName].length).toBeLessThanOrEqual(64);
    }
  });

  it('EC-44 the contact phone is digits and hyphens', async () => {
    for (const contactPhone of ['abc', '03 0000 0000', '+81'])
      expect(faults(await visitor.check({ contactPhone }))).toEqual([400, 'contactPhone:phone']);
    expectStatus(await visitor.upload(), 201);
    expect(await visitor.check({ contactPhone: '03-0000-0000' })).toMatchObject({ status: 200 });
  });
});

describe('the identity document', () => {
  beforeEach(begin);

  it('EC-45 sent again with its key it is the first one, and the key stands for no other file', async () => {
    // A key belongs to somebody who is logged in.
    const staff = await running.staff();
    const key = { 'idempotency-key': 'card-1' };
    const keyed = (file: Buffer, fileName = 'card.pdf') =>
      visitor.upload(file, fileName, 'application/pdf', key, staff);
    const first = expectStatus(await keyed(PDF), 201);
    expect((await keyed(PDF)).body).toEqual(first.body);
    for (const other of [await keyed(PNG), await keyed(PDF, 'other.pdf')])
      expect(code(other)).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const { body } = await visitor.click();
    expect(body.document).toMatchObject({ id: first.body.id, fileName: 'card.pdf' });
    const uploads = (await typesOf()).filter((type) => type === 'IdentityDocumentUploaded');
    expect(uploads).toHaveLength(1);
    const lists = (await vaultEntries(running)).filter(({ purpose }) => purpose === 'identity-document');
    const ofThis = lists.filter(({ entry_id }) => entry_id.startsWith(first.body.id));
    expect(ofThis.length).toBeGreaterThan(1);
    // A second upload without a key takes the place of the first, as ever.
    expect((await visitor.upload(PNG, 'card.png', 'image/png')).body.id).not.toBe(first.body.id);
  });

  it.each([
    ['card.pdf', PDF, 'application/pdf'],
    ['card.png', PNG, 'image/png'],
    ['card.jpg', JPEG, 'image/jpeg'],
    ['card.tif', TIFF, 'image/tiff'],
    // What counts is the content, whatever the name and the sender say.
    ['名刺.bin', PNG, 'application/octet-stream'],
  ])('EC-45 %s is accepted, with its digest recorded', async (fileName, file, type) => {
    const sha256 = createHash('sha256').update(file).digest('hex');
    expect(await visitor.upload(file, fileName, type)).toMatchObject({ status: 201, body: { sha256 } });
    const { body } = await visitor.click();
    expect(body.document).toMatchObject({ fileName, sizeBytes: file.length, sha256 });
    const uploaded = (await running.service.events.read(`application-${begun.id}`)).at(-1)!;
    expect(uploaded).toMatchObject({
      type: 'applications.IdentityDocumentUploaded',
      data: { sha256, checkedBy: 'none', replacedDocumentId: null },
    });
  });

  it.each([
    ['card.docx', DOCX, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'fileKind'],
    ['card.pdf', PROGRAM, 'application/pdf', 'fileKind'],
    ['card.pdf', Buffer.alloc(0), 'application/pdf', 'required'],
    ['card.pdf', Buffer.concat([PDF, Buffer.alloc(10 * MEGABYTE)]), 'application/pdf', 'fileSize'],
  ])('EC-45 %s of another kind, empty or too large is refused', async (fileName, file, type, rule) => {
    const before = await typesOf();
    expect(faults(await visitor.upload(file, fileName, type))).toEqual([400, `identityDocument:${rule}`]);
    expect(await typesOf()).toEqual(before);
  });

  it('EC-45 what calls itself JSON is no file', async () => {
    const answer = await visitor.upload(Buffer.from('{"a":1}'), 'card.pdf', 'application/json');
    expect(faults(answer)).toEqual([400, 'identityDocument:required']);
  });

  it('EC-45 ten megabytes exactly are accepted', async () => {
    const file = Buffer.concat([PDF, Buffer.alloc(10 * MEGABYTE - PDF.length, 32)]);
    expect(await visitor.upload(file)).toMatchObject({ status: 201 });
  });

  it('EC-45 the file is sealed where it lies, in pieces that only its key opens', async () => {
    const marker = Buffer.from('MIHON-TARO-BUSINESS-CARD');
    const answer = expectStatus(await visitor.upload(Buffer.concat([PDF, marker])), 201);
    const rows = await vaultEntries(running, (answer.body as { id: string }).id);
    expect(rows.length).toBeGreaterThan(0);
    for (const { sealed } of rows) expect(Buffer.from(sealed, 'base64').includes(marker)).toBe(false);
  });

  it('EC-45 a second upload takes the place of the first, and the first is gone', async () => {
    const first = expectStatus(await visitor.upload(), 201).body as { id: string };
    expectStatus(await visitor.upload(PNG, 'card.png', 'image/png'), 201);
    await running.clock.settled();
    expect(await vaultEntries(running, first.id)).toEqual([]);
    expect((await visitor.click()).body.document.fileName).toBe('card.png');
  });
});

describe('an upload that dies when its last byte has come', () => {
  beforeEach(begin);

  const idsOf = async () =>
    (await vaultEntries(running))
      .filter(({ entry_id, purpose }) => purpose === 'identity-document' && !/\.\d+$/.test(entry_id))
      .map(({ entry_id }) => entry_id);
  /** As if the process had died between keeping the file and recording it: nobody is there to clean up. */
  const died = async () => {
    const before = await idsOf();
    jest.spyOn(running.service.app.get(Commands), 'send').mockRejectedValueOnce(new Error('died'));
    expect((await visitor.upload()).status).toBe(500);
    const [left, ...more] = (await idsOf()).filter((id) => !before.includes(id));
    expect([left, more]).toEqual([expect.any(String), []]);
    return left!;
  };
  const uploaded = async () => (expectStatus(await visitor.upload(), 201).body as { id: string }).id;

  it('EC-45 is removed by the next upload an hour later, and not before', async () => {
    const left = await died();
    await running.clock.advance('59m');
    const recorded = await uploaded();
    expect(await idsOf()).toEqual(expect.arrayContaining([left, recorded]));
    await running.clock.advance('2m');
    const next = await site.linked(await site.ticket());
    expectStatus(await next.visitor.upload(), 201);
    expect(await vaultEntries(running, left)).toEqual([]);
    expect(await vaultEntries(running, `unnamed:${left}`)).toEqual([]);
    expect(await idsOf()).toContain(recorded);
  });

  it('EC-45 is removed at once when its application takes no files any more', async () => {
    const left = await died();
    const recorded = await uploaded();
    expectStatus(await visitor.submit(), 201);
    await running.clock.settled();
    expect(await vaultEntries(running, left)).toEqual([]);
    expect(await idsOf()).toContain(recorded);
    expect(await vaultEntries(running, 'unnamed:')).toEqual([]);
  });

  it('EC-45 stays where it was recorded, though nobody came to say so', async () => {
    const recorded = await uploaded();
    await running.clock.settled();
    await running.service.app.get(UnnamedPapers).note(recorded, begun.id);
    await running.clock.advance('61m');
    const next = await site.linked(await site.ticket());
    expectStatus(await next.visitor.upload(), 201);
    expect(await idsOf()).toContain(recorded);
    await running.clock.settled();
    expect(await vaultEntries(running, 'unnamed:')).toEqual([]);
  });
});

describe('the submission', () => {
  beforeEach(begin);

  it('EC-47 the content can be downloaded, every field of it, and the agent’s part ends', async () => {
    expectStatus(await visitor.upload(), 201);
    const { status, body, headers } = await visitor.summary();
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(headers['content-disposition']).toContain('attachment');
    for (const value of [...Object.values(entered()), 'card.pdf', AGENT_MAIL, 'EX001']) expect(body).toContain(value);
    expect(await visitor.submit()).toMatchObject({ status: 201, body: { status: 'AwaitingHolderApproval' } });
    expect(await visitor.submit()).toMatchObject({
      status: 409,
      body: { code: 'APPLICATION_STATE', params: { status: 'AwaitingHolderApproval' } },
    });
    expect((await typesOf()).slice(0, 11).filter((type) => !/Sent$/.test(type!))).toEqual([
      'UserDutiesAgreed',
      'ApplicationRegistered',
      'ApplicationLinkIssued',
      'ApplicationLinkOpened',
      'IdentityDocumentUploaded',
      'ApplicationSummaryDownloaded',
      'IssuanceApplicationSubmitted',
      'ApplicantLinkUsed',
      'HolderApprovalRequested',
      'HolderLinkIssued',
    ]);
  });

  it('EC-46 nothing can be changed after it: the way out is a new application', async () => {
    await visitor.apply({ familyNameKana: 'ミボン' });
    for (const answer of [
      await visitor.submit(),
      await visitor.check(),
      await visitor.upload(),
      await visitor.summary(),
    ])
      expect(answer.status).toBe(409);
    expect((await begun.status(8)).body).toMatchObject({
      status: 'AwaitingHolderApproval',
      holder: { userId: 'A1000101' },
    });
  });

  it('EC-48 the agent is told that the holder is next, and one mail goes to the holder alone', async () => {
    const before = [(await running.mailbox(AGENT_MAIL)).length, (await running.mailbox(HOLDER_MAIL)).length];
    const { body } = await visitor.apply();
    expect(body.message.en).toContain("holder's part");
    expect(body.message.ja).toContain('名義人');
    const [toAgent, toHolder] = [
      (await running.mailbox(AGENT_MAIL)).slice(before[0]),
      (await running.mailbox(HOLDER_MAIL)).slice(before[1]),
    ];
    expect(toAgent).toEqual([]);
    expect(toHolder).toHaveLength(1);
    expect(toHolder[0]!.text).toContain(AGENT_MAIL);
    expect(await typesOf()).toContain('HolderLinkSent');
  });
});
